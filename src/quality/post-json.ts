// One JSON request to a server of the user's, asked again when the fault may pass. The judge has its own: it holds
// money back before each request.
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { messageOf } from '../records/failure.ts'

export interface PostTarget {
  readonly url: string
  readonly apiKey?: string | undefined
  readonly timeoutMs: number
  /** More tries after 429, 5xx or a lost connection. */
  readonly retries: number
}

/**
 * Posts a body and gives the parsed reply. Throws with the target's name in the message when no try brought a 2xx
 * with JSON in it. `x-equipoise-purpose: evaluation` keeps a gateway of ours from sampling the request.
 */
export async function postJson(
  target: PostTarget,
  body: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  for (let tried = 0; ; tried += 1) {
    const end = await send(target, body, signal)
    if ('value' in end) return end.value
    if (!end.mayPass || tried >= target.retries) throw new Error(end.reason)
    const waitMs = end.retryAfterMs ?? 200 * 2 ** tried * (0.5 + Math.random())
    await sleep(Math.min(waitMs, longestWaitMs), undefined, { signal })
  }
}

/** A server that asks for more patience than this is as good as away: the answer is recorded as failed. */
const longestWaitMs = 10_000
const longestReplyBytes = 8 * 1_048_576

type End =
  | { readonly value: unknown }
  | { readonly reason: string; readonly mayPass: boolean; readonly retryAfterMs: number | null }

async function send(target: PostTarget, body: unknown, stop: AbortSignal): Promise<End> {
  const deadline = new AbortController()
  const abort = () => deadline.abort()
  const timer = setTimeout(abort, target.timeoutMs)
  stop.addEventListener('abort', abort, { once: true })
  try {
    stop.throwIfAborted()
    const response = await request(target.url, {
      method: 'POST',
      headers: headersOf(target),
      body: JSON.stringify(body),
      signal: deadline.signal,
    })
    const text = await readBounded(response.body)
    return endOf(target, {
      status: response.statusCode,
      text,
      retryAfter: response.headers['retry-after'],
    })
  } catch (error) {
    stop.throwIfAborted()
    // A slow server that is asked again gets slower still.
    const late = deadline.signal.aborted
    const why = late ? `no answer within ${target.timeoutMs / 1_000} s` : messageOf(error)
    return { reason: `${target.url}: ${why}`, mayPass: !late, retryAfterMs: null }
  } finally {
    clearTimeout(timer)
    stop.removeEventListener('abort', abort)
  }
}

function headersOf({ apiKey }: PostTarget): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-equipoise-purpose': 'evaluation',
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > longestReplyBytes) throw new Error(`its reply is over ${longestReplyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function endOf(
  { url }: PostTarget,
  reply: {
    readonly status: number
    readonly text: string
    readonly retryAfter: string | string[] | undefined
  },
): End {
  const { status, text } = reply
  if (status >= 200 && status < 300) {
    try {
      return { value: JSON.parse(text) }
    } catch (error) {
      const reason = `${url} answered no JSON: ${messageOf(error)}`
      return { reason, mayPass: false, retryAfterMs: null }
    }
  }
  const seconds = Number([reply.retryAfter].flat()[0])
  return {
    reason: `${url} answered HTTP ${status}: ${text.slice(0, 200)}`,
    mayPass: status === 429 || status >= 500,
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null,
  }
}
