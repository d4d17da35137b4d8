import type { ServerResponse } from 'node:http'
import type { CallOutcome } from '../../records/call.ts'

/** An answer that the gateway itself gives instead of a model's. */
export interface Refusal {
  readonly status: number
  /** OpenAI's error type. */
  readonly type: string
  readonly code: string
  readonly message: string
  readonly param: string | null
  readonly outcome: CallOutcome
  readonly retryAfterMs?: number
}

/** Writes a refusal as an OpenAI error object. */
export function sendRefusal(response: ServerResponse, refusal: Refusal, callId: string): void {
  const body = Buffer.from(errorBody(refusal))
  const headers = [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    'x-equipoise-origin',
    'gateway',
    'x-equipoise-call-id',
    callId,
    'x-request-id',
    callId,
  ]
  if (refusal.retryAfterMs !== undefined) {
    headers.push('retry-after', String(Math.max(1, Math.ceil(refusal.retryAfterMs / 1_000))))
    headers.push('retry-after-ms', String(Math.ceil(refusal.retryAfterMs)))
  }
  if (refusal.status === 401) headers.push('www-authenticate', 'Bearer')
  response.writeHead(refusal.status, headers)
  response.end(body)
}

/** The same as an event of a stream that has begun: official clients throw on it. */
export function errorEvent(refusal: Refusal): string {
  return `data: ${errorBody(refusal)}\n\n`
}

function errorBody({ message, type, param, code }: Refusal): string {
  return JSON.stringify({ error: { message, type, param, code } })
}

/** 400: the request cannot be understood. */
export function invalidRequest(message: string, param: string | null): Refusal {
  const type = 'invalid_request_error'
  return { status: 400, type, code: 'invalid_request', message, param, outcome: 'invalid_request' }
}

/** 404: no component serves the model. */
export function unknownModel(model: string, models: readonly string[]): Refusal {
  return {
    ...invalidRequest(
      `The model '${model.slice(0, 200)}' does not exist. Models here: ${models.join(', ') || 'none'}.`,
      'model',
    ),
    status: 404,
    code: 'model_not_found',
  }
}

/** 413: the body passes `gateway.maxBody`. */
export function bodyTooLarge(maxBytes: number): Refusal {
  const message = `The request body is larger than the ${maxBytes} bytes that this gateway accepts (gateway.maxBody).`
  return { ...invalidRequest(message, null), status: 413, code: 'request_too_large' }
}

/** 415: compressed bodies are not read. */
export function encodedBody(encoding: string): Refusal {
  const message = `Content-Encoding '${encoding.slice(0, 50)}' is not accepted: send the JSON body uncompressed.`
  return { ...invalidRequest(message, null), status: 415, code: 'unsupported_encoding' }
}

/** 401: no key, or one that is not configured. */
export function wrongKey(isMissing: boolean): Refusal {
  const message = isMissing
    ? 'You did not provide an API key: send it as "Authorization: Bearer KEY".'
    : 'Incorrect API key provided.'
  return { ...invalidRequest(message, null), status: 401, code: 'invalid_api_key' }
}

/** 404: not a path of this API. */
export function unknownPath(method: string, path: string): Refusal {
  const message = `Invalid URL (${method} ${path.slice(0, 200)}). This gateway serves /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models and /healthz.`
  return { ...invalidRequest(message, null), status: 404, code: 'unknown_url' }
}

/** 429: slots and queue of the component are taken. */
export function queueFull(component: string, queue: number, retryAfterMs: number): Refusal {
  return {
    status: 429,
    type: 'requests',
    code: 'queue_full',
    message: `All slots of '${component}' are busy and its queue of ${queue} is full. Try again in ${seconds(retryAfterMs)}.`,
    param: null,
    outcome: 'rejected',
    retryAfterMs,
  }
}

/** 503: waited in the queue as long as allowed. */
export function queueTimeout(component: string, waitedMs: number, retryAfterMs: number): Refusal {
  return unavailable(
    'queue_timeout',
    `No slot of '${component}' became free within ${seconds(waitedMs)}.`,
    { outcome: 'rejected', retryAfterMs },
  )
}

/** 503: every copy failed to connect just now. */
export function copiesAway(
  component: string,
  copies: readonly string[],
  retryAfterMs: number,
): Refusal {
  return unavailable(
    'copies_unavailable',
    `No copy of '${component}' can be reached: ${copies.join(', ')}. They are tried again in ${seconds(retryAfterMs)}.`,
    { outcome: 'upstream_error', retryAfterMs },
  )
}

/** 503: this gateway is about to stop. */
export function shuttingDown(): Refusal {
  return unavailable('shutting_down', 'This gateway is shutting down.', {
    outcome: 'rejected',
    retryAfterMs: 1_000,
  })
}

/** 502: the copy failed before it answered. */
export function copyFailed(copy: string, code: string, detail: string): Refusal {
  return {
    status: 502,
    type: 'server_error',
    code,
    message: `Copy '${copy}' failed: ${detail}.`,
    param: null,
    outcome: 'upstream_error',
  }
}

/** 504: a timeout of the component ran out. */
export function timedOut(copy: string, code: string, detail: string): Refusal {
  return { ...copyFailed(copy, code, detail), status: 504, outcome: 'timeout' }
}

/** For a stream that broke off: no client may take it for a whole answer. */
export function truncated(copy: string, detail: string): Refusal {
  return { ...copyFailed(copy, 'upstream_truncated', detail), outcome: 'truncated' }
}

function unavailable(
  code: string,
  message: string,
  rest: { outcome: CallOutcome; retryAfterMs: number },
): Refusal {
  return { status: 503, type: 'server_error', code, message, param: null, ...rest }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
