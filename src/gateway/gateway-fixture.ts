// What the gateway's tests share: a model server that misbehaves on demand, a gateway before it, and a client that
// tells exactly what it saw.
import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import pino from 'pino'
import type { Config } from '../config/schema.ts'
import { configSchema } from '../config/schema.ts'
import type { Call } from '../records/call.ts'
import type { Accept } from '../records/record-kind.ts'
import { unknownMachine } from './call-facts.ts'
import type { Gateway, GatewayOptions } from './gateway.ts'
import { startGateway } from './gateway.ts'

/** A request as the model server saw it. */
export interface SeenRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly socket: Socket
  /** How many requests came over its connection before it. */
  readonly priorOnSocket: number
  isClosed: boolean
}

/** What the server does once it has read a request. */
export type Behaviour = (socket: Socket, seen: SeenRequest) => void

export interface FaultServer {
  readonly port: number
  readonly url: string
  readonly seen: SeenRequest[]
  close(): Promise<void>
}

/** Starts a server on raw sockets, so that it can break every rule; the requested model chooses what it does. */
export async function startFaultServer(
  behaviours: Readonly<Record<string, Behaviour>>,
): Promise<FaultServer> {
  const seen: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const own: SeenRequest[] = []
    socket.on('close', () => {
      sockets.delete(socket)
      for (const one of own) one.isClosed = true
    })
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
      const parsed = parseRequest(text)
      if (parsed === null) return
      text = text.slice(parsed.length)
      const body = Buffer.from(parsed.body, 'latin1').toString()
      const one = { ...parsed, body, socket, priorOnSocket: own.length, isClosed: false }
      own.push(one)
      seen.push(one)
      const model = /"model" ?: ?"([^"]*)"/.exec(body)?.[1] ?? ''
      behaviours[model]?.(socket, one)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function parseRequest(text: string) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const [first = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0)
  if (text.length < length) return null
  return { path: first.split(' ')[1] ?? '', headers, body: text.slice(headEnd + 4, length), length }
}

/** Head of a chunked answer. */
export function head(socket: Socket, type: string, ...lines: readonly string[]): void {
  socket.write(
    [
      'HTTP/1.1 200 OK',
      `content-type: ${type}`,
      'transfer-encoding: chunked',
      ...lines,
      '',
      '',
    ].join('\r\n'),
  )
}

/** One chunk of a chunked answer. */
export function chunk(socket: Socket, data: string | Buffer): void {
  const bytes = Buffer.from(data)
  socket.write(
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
  )
}

export function end(socket: Socket): void {
  socket.write('0\r\n\r\n')
}

/** A whole answer with its length. */
export function whole(
  socket: Socket,
  status: string,
  body: string,
  ...lines: readonly string[]
): void {
  const length = Buffer.byteLength(body)
  socket.write(
    [
      `HTTP/1.1 ${status}`,
      'content-type: application/json',
      `content-length: ${length}`,
      ...lines,
      '',
      body,
    ].join('\r\n'),
  )
}

export const sse = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

export const delta = (content: string, finish: string | null = null): string =>
  sse({ id: 'x', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })

export const usage = { prompt_tokens: 11, completion_tokens: 2, total_tokens: 13 }
export const usageEvent = sse({ id: 'x', choices: [], usage })
export const done = 'data: [DONE]\n\n'

export const chatAnswer = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage,
})

/** A good stream, or a good whole answer, as asked for. */
export const good: Behaviour = (socket, { body }) => {
  if (!body.includes('"stream":true')) {
    whole(socket, '200 OK', chatAnswer)
    return
  }
  head(socket, 'text/event-stream')
  chunk(socket, delta('') + delta('hel'))
  chunk(socket, delta('lo') + delta('', 'stop') + usageEvent + done)
  end(socket)
}

export interface Rig {
  readonly gateway: Gateway
  readonly server: FaultServer
  readonly config: Config
  readonly url: string
  /** Records that the gateway handed over, in order. */
  readonly calls: Call[]
  /** The records once there are `count` of them. */
  recorded(count: number): Promise<readonly Call[]>
  close(): Promise<void>
}

export interface RigOptions {
  /** Settings of every component. */
  readonly component?: object
  /** Further settings of single ones, by name. */
  readonly components?: Readonly<Record<string, object>>
  readonly gateway?: object
  readonly accept?: Accept
  readonly options?: Partial<GatewayOptions>
}

/** A gateway with one component for each behaviour, all before one fault server. */
export async function startRig(
  behaviours: Readonly<Record<string, Behaviour>>,
  {
    component = {},
    components = {},
    gateway: gatewayConfig = {},
    accept,
    options = {},
  }: RigOptions = {},
): Promise<Rig> {
  const server = await startFaultServer(behaviours)
  const config = configOf(Object.keys(behaviours), server.url, {
    component,
    components,
    gateway: gatewayConfig,
  })
  const calls: Call[] = []
  const gateway = await startGateway({
    config,
    accept: accept ?? (() => Promise.resolve()),
    machineState: () => unknownMachine,
    log: pino({ level: 'silent' }),
    onCall: (call) => calls.push(call),
    ...options,
  })
  return {
    gateway,
    server,
    config,
    url: `http://127.0.0.1:${gateway.port}`,
    calls,
    recorded: async (count) => {
      await until(() => calls.length >= count && gateway.state().leases === 0)
      return calls
    },
    close: async () => {
      await gateway.close()
      await server.close()
    },
  }
}

/** A configuration with a component for each name, on one copy called `NAME-1`. */
export function configOf(
  names: readonly string[],
  url: string,
  {
    component,
    components = {},
    gateway,
  }: Pick<RigOptions, 'components'> & { component: object; gateway: object },
): Config {
  const list = names.map((name) => ({
    name,
    copies: [{ id: `${name}-1`, url, node: 'n', gpus: [0] }],
    ...component,
    ...components[name],
  }))
  return configSchema.parse({ gateway: { port: 0, ...gateway }, fleet: { components: list } })
}

/** Resolves once the condition holds; gives up after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUp = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > giveUp) throw new Error(`Waited in vain for ${condition.toString()}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** Whether the answer ended as HTTP says, and not by a broken connection. */
  readonly isComplete: boolean
}

export interface AskOptions {
  readonly path?: string
  readonly body?: object | string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly method?: string
}

/** Sends one request on a connection of its own and tells what came back. */
export function ask(
  url: string,
  { path = '/v1/chat/completions', body, headers, signal, method = 'POST' }: AskOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, {
      method,
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
      signal,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (data: Buffer) => chunks.push(data))
      response.on('error', () => {})
      response.on('close', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          isComplete: response.complete,
        }),
      )
    })
    outgoing.end(
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
        ? body
        : JSON.stringify(body),
    )
  })
}
