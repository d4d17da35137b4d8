import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface WebhookListener {
  readonly url: string
  /** Bodies in order of arrival. */
  readonly received: readonly unknown[]
  close(): Promise<void>
}

/** A real HTTP listener on loopback that keeps what it is sent. */
export async function listenForWebhooks(): Promise<WebhookListener> {
  const received: unknown[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push(JSON.parse(body))
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // An address of a TCP listener is never a string or null.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    received,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
