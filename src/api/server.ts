// The listener of the API.
import { createAdaptorServer } from '@hono/node-server'
import { Server } from 'node:http'
import { UserError } from '../records/failure.ts'
import { isLoopback } from './access/origin.ts'
import { createApp } from './app.ts'
import type { ApiContext } from './context.ts'

export interface Api {
  readonly port: number
  readonly host: string
  /** Ends the live streams, lets running requests finish for a moment, then stops listening. */
  close(): Promise<void>
}

/** How long a request under way may take at close. */
const graceMs = 2_000

/** Listens on `server.host` and `server.port`; a `UserError` says why when it cannot. */
export async function startApi(context: ApiContext): Promise<Api> {
  const { host, port, tokens } = context.config().server
  if (!isLoopback(host) && tokens.length === 0) {
    throw new UserError(
      `server.host is ${host}, which other machines can reach, and server.tokens is empty: add a token, or listen on 127.0.0.1`,
    )
  }
  const app = createApp(context)
  const server = createAdaptorServer({ fetch: app.fetch })
  if (!(server instanceof Server)) throw new Error('the adaptor made no plain HTTP server')
  await listen(server, host, port)
  const address = server.address()
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => await closeServer(server, context),
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen(port, host, resolve)
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is taken by another program: stop it, or set server.port to a free port (0 picks one)`,
    EACCES: `port ${port} on ${host} is not allowed for this user: set server.port to one above 1023`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set server.host to 127.0.0.1, or to one of its own`,
    ENOTFOUND: `server.host ${host} is not known: write an address or a name that resolves`,
  }
  const reason = reasons[error.code ?? '']
  return reason === undefined
    ? error
    : new UserError(reason, { code: 'cannot_listen', cause: error })
}

async function closeServer(server: Server, context: ApiContext): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  context.live.disconnectAll()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
