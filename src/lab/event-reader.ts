import { StringDecoder } from 'node:string_decoder'

/** Splits server-sent events that arrive in pieces; `onData` gets the data of each whole event. */
export function createEventReader(onData: (data: string) => void): { push(bytes: Buffer): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    push: (bytes) => {
      const events = (rest + decoder.write(bytes)).split(/\r?\n\r?\n/)
      rest = events.pop() ?? ''
      for (const event of events) {
        const data = event
          .split(/\r?\n/)
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).replace(/^ /, ''))
        if (data.length > 0) onData(data.join('\n'))
      }
    },
  }
}
