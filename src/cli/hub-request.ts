import { z } from 'zod'
import type { Dispatcher } from 'undici'
import { messageOf, RetryableError, UserError } from '../records/failure.ts'

export interface HubRequest {
  readonly url: string
  readonly path: string
  readonly token?: string | undefined
  readonly body: unknown
}

const refusal = z.object({ error: z.object({ message: z.string() }) })

/**
 * POSTs JSON to a running Equipoise; the answer's body is unread.
 * @throws `UserError` when nobody answers or the request is refused, `RetryableError` when it may be sent again
 */
export async function postToHub(
  { url, path, token, body }: HubRequest,
  isAnswer: (status: number) => boolean = (status) => status === 200,
): Promise<Dispatcher.ResponseData> {
  const post = {
    method: 'POST' as const,
    headers: { 'content-type': 'application/json', ...credentials(token) },
    body: JSON.stringify(body),
  }
  return await askHub({ url, path, options: post }, isAnswer)
}

/**
 * GETs JSON from a running Equipoise.
 * @throws `UserError` when nobody answers or the request is refused, `RetryableError` when it may be sent again
 */
export async function getFromHub({ url, path, token }: Omit<HubRequest, 'body'>): Promise<unknown> {
  const options = { method: 'GET' as const, headers: credentials(token) }
  const answer = await askHub({ url, path, options }, (status) => status === 200)
  return await answer.body.json()
}

function credentials(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

interface Asking {
  readonly url: string
  readonly path: string
  readonly options: {
    readonly method: 'GET' | 'POST'
    readonly headers: Record<string, string>
    readonly body?: string
  }
}

async function askHub(
  { url, path, options }: Asking,
  isAnswer: (status: number) => boolean,
): Promise<Dispatcher.ResponseData> {
  const { request } = await import('undici')
  const answer = await request(`${url}${path}`, options).catch((error: unknown) => {
    throw new UserError(
      `Equipoise does not answer at ${url} (${messageOf(error)}). Start it with "equipoise up" or "equipoise demo", or name its address with --url.`,
    )
  })
  if (isAnswer(answer.statusCode)) return answer
  const text = await answer.body.text()
  const message = messageIn(text) ?? `HTTP ${answer.statusCode}`
  if (answer.statusCode !== 503) throw new UserError(message)
  const seconds = Number(answer.headers['retry-after'])
  throw new RetryableError(message, { retryAfterMs: (seconds > 0 ? seconds : 1) * 1_000 })
}

function messageIn(text: string): string | undefined {
  try {
    return refusal.safeParse(JSON.parse(text)).data?.error.message
  } catch {
    return undefined
  }
}
