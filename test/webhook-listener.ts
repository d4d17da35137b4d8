import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listeningPort } from './listening-port.ts'

export interface WebhookListener {
  readonly url: string
  /** Bodies in order of arrival. */
  readonly received: readonly unknown[]
  close(): Promise<void>
}

/** A real HTTP listener on loopback that keeps what it is sent. */
export async function listenForWebhooks(): Promise<WebhookListener> {
  const received: unknown[] = []
  const server = createServer((request, response) => void keep(request, response))
  const keep = async (request: IncomingMessage, response: ServerResponse) => {
    received.push(JSON.parse(await text(request)))
    response.writeHead(204).end()
  }
  return {
    url: `http://127.0.0.1:${await listeningPort(server)}/alerts`,
    received,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
