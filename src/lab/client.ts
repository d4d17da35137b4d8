// A client of the gateway that notes what a user would see: status, first token, tokens, text.
import { Pool, type Dispatcher } from 'undici'
import { messageOf } from '../records/failure.ts'
import { emptyCompletion, parseCompletion, type ParsedCompletion } from './completion.ts'
import { createEventReader } from './event-reader.ts'

interface ClientCall {
  readonly model: string
  readonly prompt: string
  readonly stream: boolean
  readonly maxTokens?: number
  /** Asks for exactly `maxTokens` tokens. */
  readonly ignoreEos?: boolean
  readonly metadata?: Readonly<Record<string, string>>
  /** Prompt template and its version, as an application would name them to the gateway. */
  readonly template?: { readonly name: string; readonly version: string }
}

/** What the client saw of one call. */
export interface ClientSight {
  /** 0 when there was no answer at all. */
  readonly status: number
  /** A whole answer arrived. */
  readonly complete: boolean
  readonly callId: string
  readonly ttftMs: number | null
  readonly totalMs: number
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  readonly finishReason: string
  readonly answer: string
  readonly error: string
  /** The request was never sent, so sending it again is safe. */
  readonly neverSent: boolean
  readonly retryAfterMs: number | null
}

export interface LabClient {
  send(call: ClientCall, signal?: AbortSignal): Promise<ClientSight>
  close(): Promise<void>
}

/** A client with at most `connections` connections; each call takes one while it runs. */
export function createLabClient(gatewayUrl: string, connections: number): LabClient {
  const pool = new Pool(gatewayUrl, {
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 5_000 },
    keepAliveTimeout: 4_000,
  })
  return {
    send: (call, signal) => sendCall(pool, call, signal),
    close: () => pool.destroy(),
  }
}

const unseen: ClientSight = {
  status: 0,
  complete: false,
  callId: '',
  ttftMs: null,
  totalMs: 0,
  promptTokens: null,
  completionTokens: null,
  finishReason: '',
  answer: '',
  error: '',
  neverSent: false,
  retryAfterMs: null,
}

async function sendCall(pool: Pool, call: ClientCall, signal?: AbortSignal): Promise<ClientSight> {
  const startedMs = performance.now()
  const since = () => performance.now() - startedMs
  let sight = unseen
  try {
    const response = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: headersOf(call),
      body: JSON.stringify(bodyOf(call)),
      signal,
    })
    const isStream = String(response.headers['content-type']).startsWith('text/event-stream')
    sight = { ...sight, ...headerSight(response) }
    const body = isStream ? await readStream(response, since) : await readWhole(response)
    return { ...sight, ...body, totalMs: since() }
  } catch (error) {
    const neverSent = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
    return { ...sight, totalMs: since(), error: messageOf(error), neverSent }
  }
}

function headersOf({ template }: ClientCall): Record<string, string> {
  if (template === undefined) return { 'content-type': 'application/json' }
  return {
    'content-type': 'application/json',
    'x-equipoise-template': template.name,
    'x-equipoise-template-version': template.version,
  }
}

function bodyOf(call: ClientCall): Readonly<Record<string, unknown>> {
  return {
    model: call.model,
    messages: [{ role: 'user', content: call.prompt }],
    ...(call.maxTokens === undefined ? {} : { max_tokens: call.maxTokens }),
    ...(call.ignoreEos === true ? { ignore_eos: true } : {}),
    ...(call.metadata === undefined ? {} : { metadata: call.metadata }),
    ...(call.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  }
}

function headerSight(response: Dispatcher.ResponseData): Partial<ClientSight> {
  const { headers, statusCode } = response
  const retryAfterMs = Number(headers['retry-after-ms'] ?? Number(headers['retry-after']) * 1_000)
  return {
    status: statusCode,
    callId: String(headers['x-equipoise-call-id'] ?? ''),
    retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : null,
  }
}

async function readWhole(response: Dispatcher.ResponseData): Promise<Partial<ClientSight>> {
  const body = parseCompletion(await response.body.text())
  const { promptTokens, completionTokens } = body
  return {
    complete: response.statusCode === 200 && body.text !== null,
    promptTokens,
    completionTokens,
    finishReason: body.finishReason,
    answer: body.text ?? '',
    error: body.error,
  }
}

async function readStream(
  response: Dispatcher.ResponseData,
  since: () => number,
): Promise<Partial<ClientSight>> {
  const reading = createStreamReading(since)
  const reader = createEventReader((data) => reading.event(data))
  const body: AsyncIterable<Buffer> = response.body
  for await (const bytes of body) reader.push(bytes)
  const { done, error, answer, ...seen } = reading.seen()
  const complete = done && error === '' && response.statusCode === 200
  return { ...seen, complete, answer, error: done ? error : error || 'the stream ended early' }
}

/** Gathers what the chunks of a stream say; `since` is the time since the request left, in ms. */
function createStreamReading(since: () => number) {
  const texts: string[] = []
  let done = false
  let ttftMs: number | null = null
  let last: ParsedCompletion = emptyCompletion
  return {
    event: (data: string) => {
      if (data === '[DONE]') {
        done = true
        return
      }
      const chunk = parseCompletion(data)
      if (chunk.text !== null && chunk.text !== '') {
        ttftMs ??= since()
        texts.push(chunk.text)
      }
      last = {
        text: null,
        finishReason: chunk.finishReason || last.finishReason,
        error: chunk.error || last.error,
        promptTokens: chunk.promptTokens ?? last.promptTokens,
        completionTokens: chunk.completionTokens ?? last.completionTokens,
      }
    },
    seen: () => {
      const { text: _, ...rest } = last
      return { ...rest, done, ttftMs, answer: texts.join('') }
    },
  }
}
