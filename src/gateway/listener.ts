import type { IncomingMessage, ServerResponse } from 'node:http'
import { Counter } from 'prom-client'
import type { CallOperation } from '../records/call.ts'
import { uuidv7 } from '../records/record-id.ts'
import { registry } from '../telemetry/metrics.ts'
import type { ExchangeHost } from './exchange.ts'
import { Exchange } from './exchange.ts'
import type { Refusal } from './openai/refusal.ts'
import { sendRefusal, shuttingDown, unknownModel, unknownPath, wrongKey } from './openai/refusal.ts'

const unauthorized = new Counter({
  name: 'equipoise_gateway_unauthorized_total',
  help: 'Requests without a key or with one that is not configured.',
  registers: [registry],
})

const operations: Readonly<Record<string, CallOperation>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completion',
  '/v1/embeddings': 'embedding',
}

export interface ListenerHost extends ExchangeHost {
  isDraining(): boolean
}

/** Answers one HTTP request. */
export function listen(
  host: ListenerHost,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  if (path === '/healthz') {
    sendHealth(host, response)
    return
  }
  const identity = host.generation().identify(request.headers.authorization)
  if (host.isDraining()) {
    refuse(host, { request, response }, shuttingDown())
  } else if (identity.kind === 'missing' || identity.kind === 'wrong') {
    unauthorized.inc()
    refuse(host, { request, response }, wrongKey(identity.kind === 'missing'))
  } else {
    serve(
      host,
      { request, response, path },
      identity.kind === 'tenant' ? identity.tenant : undefined,
    )
  }
}

function serve(
  host: ListenerHost,
  { request, response, path }: Conversation & { readonly path: string },
  tenant: string | undefined,
): void {
  const method = request.method ?? 'GET'
  const operation = operations[path]
  if (operation !== undefined && method === 'POST') {
    new Exchange(host, { request, response, operation, tenant }).begin()
  } else if (method === 'GET' && path === '/v1/models') {
    sendModels(host, response)
  } else if (method === 'GET' && path.startsWith('/v1/models/')) {
    sendModel(host, { request, response }, decoded(path.slice('/v1/models/'.length)))
  } else {
    refuse(host, { request, response }, unknownPath(method, path))
  }
}

interface Conversation {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

function refuse(host: ListenerHost, { request, response }: Conversation, refusal: Refusal): void {
  // What was not asked for is not read: the connection ends with the answer.
  response.setHeader('connection', 'close')
  request.resume()
  sendRefusal(response, refusal, uuidv7(host.now()))
}

function sendHealth(host: ListenerHost, response: ServerResponse): void {
  const isDraining = host.isDraining()
  sendJson(response, isDraining ? 503 : 200, { status: isDraining ? 'draining' : 'ok' })
}

function sendModels(host: ListenerHost, response: ServerResponse): void {
  sendJson(response, 200, { object: 'list', data: host.generation().models.map(modelObject) })
}

function sendModel(host: ListenerHost, conversation: Conversation, model: string): void {
  const { models } = host.generation()
  if (models.includes(model)) sendJson(conversation.response, 200, modelObject(model))
  else refuse(host, conversation, unknownModel(model, models))
}

/** When a model was made is not known here, so the time is the epoch. */
function modelObject(model: string) {
  return { id: model, object: 'model', created: 0, owned_by: 'equipoise' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
  ])
  response.end(body)
}
