import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Makes a server listen on a free loopback port and tells which. */
export async function listeningPort(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not a TCP listener')
  return address.port
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listeningPort(server)
  server.close()
  await once(server, 'close')
  return port
}
