// Server-sent events at byte level (WHATWG HTML 9.2). Chunks split events, lines and characters anywhere; what is
// forwarded are the server's own bytes.

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** An event larger than this is forwarded unread. */
export const maxEventBytes = 64 * 1024

const empty = Buffer.alloc(0)

export interface SseSplitter {
  /** Takes a chunk and returns the bytes to forward now. */
  push(chunk: Buffer): Buffer
  /** The stream has ended: reads what is left as an event, as clients do, and returns its bytes. */
  flush(): Buffer
}

/**
 * Cuts a stream into whole events and forwards those that it keeps. Bytes of an event that is not complete are
 * held back, bounded: no client can use them, and an event that must be hidden may arrive in pieces.
 * @param keep sees each event with its blank line, `null` for one too large to read; `false` hides it from the client
 */
export function createSseSplitter(keep: (event: Buffer | null) => boolean): SseSplitter {
  const nextEnd = createEventScanner()
  let held: Buffer[] = []
  let heldBytes = 0
  let isOversized = false

  function release(tail: Buffer): Buffer {
    const bytes = join([...held, tail])
    held = []
    heldBytes = 0
    return bytes
  }

  function finish(tail: Buffer): Buffer {
    const event = release(tail)
    if (isOversized) {
      isOversized = false
      return event
    }
    return keep(event) ? event : empty
  }

  function hold(rest: Buffer): Buffer {
    if (rest.length === 0 || isOversized) return rest
    held.push(rest)
    heldBytes += rest.length
    if (heldBytes <= maxEventBytes) return empty
    isOversized = true
    keep(null)
    return release(empty)
  }

  function push(chunk: Buffer): Buffer {
    const kept: Buffer[] = []
    let start = 0
    let runStart = 0
    for (let end = nextEnd(chunk, 0); end !== -1; end = nextEnd(chunk, end)) {
      if (heldBytes > 0 || isOversized) {
        kept.push(finish(chunk.subarray(0, end)))
        runStart = end
      } else if (!keep(chunk.subarray(start, end))) {
        kept.push(chunk.subarray(runStart, start))
        runStart = end
      }
      start = end
    }
    kept.push(chunk.subarray(runStart, start), hold(chunk.subarray(start)))
    return join(kept)
  }

  return { push, flush: () => (heldBytes === 0 ? empty : finish(empty)) }
}

/** Finds the index just after the next blank line, or -1; keeps its place in the line from chunk to chunk. */
function createEventScanner(): (chunk: Buffer, from: number) => number {
  let lineBytes = 0
  let afterCarriageReturn = false

  const endsEvent = () => {
    const isBlank = lineBytes === 0
    lineBytes = 0
    return isBlank
  }

  return (chunk, from) => {
    let at = from
    while (at < chunk.length) {
      const byte = chunk[at]
      if (afterCarriageReturn && byte !== lineFeed) {
        // A lone carriage return ended the line; this byte is the next line's first.
        afterCarriageReturn = false
        if (endsEvent()) return at
      }
      at += 1
      if (byte === lineFeed) {
        afterCarriageReturn = false
        if (endsEvent()) return at
      } else if (byte === carriageReturn) {
        afterCarriageReturn = true
      } else {
        lineBytes += 1
      }
    }
    return -1
  }
}

/** The `data` of an event, its lines joined; `null` when it has none (a comment, a blank line). */
export function eventData(event: Buffer): string | null {
  const text = event.toString()
  // Fast path: one line, as every engine writes it.
  if (
    text.startsWith('data: ') &&
    text.indexOf('\n') === text.length - 2 &&
    text.endsWith('\n\n')
  ) {
    return text.slice(6, -2)
  }
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line === 'data' || line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''))
  return lines.length === 0 ? null : lines.join('\n')
}

function join(parts: readonly Buffer[]): Buffer {
  const full = parts.filter((part) => part.length > 0)
  return full.length === 1 ? (full[0] ?? empty) : Buffer.concat(full)
}
