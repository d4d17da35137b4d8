import { request } from 'undici'
import { messageOf } from '../../records/failure.ts'
import type { Access } from './access.ts'

export interface FetchOptions {
  readonly access: Access
  readonly timeoutMs: number
  readonly mostBytes: number
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export interface FetchedBody {
  readonly text: string
  readonly contentType: string
}

/**
 * Reads a page within a time and a size. Rejects with a sentence that names the cause but neither the
 * address nor a header, which may hold a secret.
 */
export async function fetchBounded(url: string, options: FetchOptions): Promise<FetchedBody> {
  const timeout = new AbortController()
  const abort = () => timeout.abort()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    abort()
  }, options.timeoutMs)
  options.signal.addEventListener('abort', abort, { once: true })
  try {
    return await read(url, options, timeout.signal)
  } catch (error) {
    if (isLate) throw new Error(`no answer within ${options.timeoutMs / 1_000} s`, { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', abort)
  }
}

async function read(
  url: string,
  { access, headers, mostBytes }: FetchOptions,
  signal: AbortSignal,
): Promise<FetchedBody> {
  const { address, authorization } = splitCredentials(url)
  const [dispatcher, identity] = await Promise.all([access.dispatcher(), access.headers()])
  const response = await request(address, {
    dispatcher,
    signal,
    headers: { 'user-agent': 'equipoise', ...headers, ...authorization, ...identity },
  }).catch((error: unknown) => {
    throw new Error(`not reachable: ${messageOf(error)}`, { cause: error })
  })
  if (response.statusCode !== 200) {
    await response.body.dump()
    throw new Error(`answered ${response.statusCode} instead of 200${hintOf(response.statusCode)}`)
  }
  const encoding = String(response.headers['content-encoding'] ?? 'identity')
  if (encoding !== 'identity') {
    await response.body.dump()
    throw new Error(`answered with content-encoding ${encoding}, which was not asked for`)
  }
  const text = await readText(response.body, mostBytes)
  return { text, contentType: String(response.headers['content-type'] ?? '') }
}

function hintOf(status: number): string {
  if (status === 401 || status === 403) return ' (credentials are missing or wrong: see access)'
  return status >= 300 && status < 400
    ? ' (redirects are not followed: name the final address)'
    : ''
}

async function readText(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    // Leaving the loop destroys the stream and its connection.
    if (size > mostBytes) throw new Error(`sent more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function splitCredentials(url: string): {
  address: URL
  authorization: Readonly<Record<string, string>>
} {
  const address = new URL(url)
  if (address.username === '' && address.password === '') return { address, authorization: {} }
  const pair = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`
  address.username = ''
  address.password = ''
  return {
    address,
    authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  }
}
