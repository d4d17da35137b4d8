// The listener of the API.
import { createAdaptorServer } from '@hono/node-server'
import { Server } from 'node:http'
import { UserError } from '../records/failure.ts'
import { isLoopback } from './access/origin.ts'
import { createApp, sharedParts } from './app.ts'
import type { ApiContext } from './context.ts'
import { startOtlpGrpc, type OtlpGrpc } from './grpc/otlp-grpc.ts'
import { listenError } from './listen-error.ts'

export interface Api {
  readonly port: number
  readonly host: string
  /** Where OTLP over gRPC is taken; `null` when `server.otlpGrpc` is not set. */
  readonly otlpGrpc: Pick<OtlpGrpc, 'host' | 'port'> | null
  /** Ends the live streams, lets running requests finish for a moment, then stops listening. */
  close(): Promise<void>
}

/** How long a request under way may take at close. */
const graceMs = 2_000

/** Listens on `server.host` and `server.port`, and where asked for on `server.otlpGrpc`; a `UserError` says why when it cannot. */
export async function startApi(context: ApiContext): Promise<Api> {
  const { host, port, tokens } = context.config().server
  if (!isLoopback(host) && tokens.length === 0) {
    throw new UserError(
      `server.host is ${host}, which other machines can reach, and server.tokens is empty: add a token, or listen on 127.0.0.1`,
    )
  }
  const shared = sharedParts(context)
  const app = createApp(context, shared)
  const server = createAdaptorServer({ fetch: app.fetch })
  if (!(server instanceof Server)) throw new Error('the adaptor made no plain HTTP server')
  await listen(server, host, port)
  const otlpGrpc = await startOtlpGrpc(context, shared).catch(async (error: unknown) => {
    await closeServer(server, context)
    throw error
  })
  const address = server.address()
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : port,
    otlpGrpc,
    close: async () => {
      await Promise.all([closeServer(server, context), otlpGrpc?.close()])
    },
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(listenError(error, error.code ?? '', { host, port, section: 'server' })),
    )
    server.listen(port, host, resolve)
  })
}

async function closeServer(server: Server, context: ApiContext): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  context.live.disconnectAll()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
