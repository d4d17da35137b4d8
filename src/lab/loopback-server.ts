import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { UserError, messageOf } from '../records/failure.ts'

export interface LoopbackServer {
  readonly url: string
  readonly port: number
  /** Stops listening and cuts open connections. */
  close(): Promise<void>
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/**
 * Listens on 127.0.0.1 and answers whatever the handler throws with an OpenAI error object.
 * @param port 0 = any free port
 */
export async function listenOnLoopback(port: number, handler: Handler): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    Promise.resolve()
      .then(() => handler(request, response))
      .catch((error: unknown) => answerError(response, error))
  })
  // Longer than the idle time of the clients, so that they never reuse a socket just closed here.
  server.keepAliveTimeout = 75_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError(port, error)))
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const boundPort = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${boundPort}`,
    port: boundPort,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Largest body that the lab's servers read. */
const longestBodyBytes = 64 * 2 ** 20

/** The request's body as JSON; a `UserError` when it is not. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  // A request without encoding yields buffers.
  const body: AsyncIterable<Buffer> = request
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > longestBodyBytes) throw new UserError('The body is too large.', { status: 413 })
  }
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError(`The body is not JSON: ${messageOf(error)}.`)
  }
}

/** Answers a JSON value. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
  })
  response.end(bytes)
}

/** Answers a text in Prometheus' format. */
export function sendMetrics(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  response.end(text)
}

function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const status = error instanceof UserError ? error.status : 500
  const type = status >= 500 ? 'InternalServerError' : 'BadRequestError'
  sendJson(response, status, {
    error: { message: messageOf(error), type, param: null, code: status },
  })
}

function portError(port: number, error: Error): Error {
  if (!('code' in error) || error.code !== 'EADDRINUSE') return error
  return new UserError(
    `Port ${port} on 127.0.0.1 is taken, expected it free for the lab. Stop the other program or use ephemeral ports.`,
  )
}
