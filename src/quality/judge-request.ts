// One HTTP request to the judge, and what kind of end it had.
import { type Dispatcher, request } from 'undici'
import type { JudgeConfig } from '../config/schema.ts'
import { messageOf } from '../records/failure.ts'

export type RequestEnd =
  | { readonly kind: 'body'; readonly body: string; readonly seconds: number }
  /** May pass: 429, 5xx, no connection. */
  | {
      readonly kind: 'fault'
      readonly reason: string
      readonly retryAfterMs: number | null
      readonly seconds: number
      readonly mayBeBilled: boolean
    }
  /** Will not pass by asking again: other statuses, time-out. */
  | {
      readonly kind: 'refusal'
      readonly reason: string
      readonly seconds: number
      readonly mayBeBilled: boolean
    }

/**
 * Sends one chat completion. Rejects only when `signal` (the program's stop) aborts.
 * `x-equipoise-purpose: evaluation` marks the traffic: a gateway of ours never samples it, so that a
 * judge behind it does not end up judging itself.
 */
export async function requestVerdict(
  config: JudgeConfig,
  body: string,
  options: { readonly dispatcher: Dispatcher; readonly signal: AbortSignal },
): Promise<RequestEnd> {
  const deadline = deadlineOf(config.timeout, options.signal)
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1_000
  try {
    const response = await request(`${config.url.replace(/\/+$/, '')}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-equipoise-purpose': 'evaluation',
        ...(config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }),
      },
      body,
      dispatcher: options.dispatcher,
      signal: deadline.signal,
    })
    const text = await readBounded(response.body)
    return endOf(response.statusCode, response.headers['retry-after'], { text, seconds: seconds() })
  } catch (error) {
    options.signal.throwIfAborted()
    if (deadline.signal.aborted) {
      const reason = `the judge did not answer within ${config.timeout / 1_000} s`
      return { kind: 'refusal', reason, seconds: seconds(), mayBeBilled: true }
    }
    const reason = `no connection to the judge at ${config.url}: ${messageOf(error)}`
    const mayBeBilled = !isUnsent(error)
    return { kind: 'fault', reason, retryAfterMs: null, seconds: seconds(), mayBeBilled }
  } finally {
    deadline.clear()
  }
}

/** Whether the connection failed before a byte of the request left. */
function isUnsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code)
}

/** Aborts after a time or with `stop`. Cleared by hand: `AbortSignal.any` would hang on to a long-lived `stop`. */
function deadlineOf(
  timeoutMs: number,
  stop: AbortSignal,
): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  stop.addEventListener('abort', abort, { once: true })
  if (stop.aborted) abort()
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      stop.removeEventListener('abort', abort)
    },
  }
}

const longestReplyBytes = 1_048_576

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    // Leaving the loop ends the body; what was read so far will not parse and counts as nonsense.
    if (size > longestReplyBytes) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function endOf(
  status: number,
  retryAfter: string | string[] | undefined,
  read: { readonly text: string; readonly seconds: number },
): RequestEnd {
  const { text, seconds } = read
  if (status >= 200 && status < 300) return { kind: 'body', body: text, seconds }
  const reason = `the judge answered HTTP ${status}: ${text.slice(0, 200)}`
  if (status !== 429 && status < 500)
    return { kind: 'refusal', reason, seconds, mayBeBilled: false }
  return {
    kind: 'fault',
    reason,
    retryAfterMs: retryAfterMs(retryAfter),
    seconds,
    mayBeBilled: false,
  }
}

/** Only the form in seconds is obeyed; a date is rare and needs a clock that agrees. */
function retryAfterMs(header: string | string[] | undefined): number | null {
  const seconds = Number(Array.isArray(header) ? header[0] : header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null
}
