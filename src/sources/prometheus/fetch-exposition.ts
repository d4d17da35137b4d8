import { request, type Dispatcher } from 'undici'
import { messageOf } from '../../records/failure.ts'
import { expositionFormat, type ExpositionFormat } from './exposition.ts'

export interface FetchOptions {
  readonly dispatcher: Dispatcher
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface ExpositionText {
  readonly text: string
  readonly format: ExpositionFormat
}

/** A body beyond this is no exposition of one server. */
const largestBodyBytes = 16 * 2 ** 20

/**
 * Reads a metrics page within a time and a size. Rejects with a sentence that names the cause but not
 * the address, which may hold a secret.
 */
export async function fetchExposition(url: string, options: FetchOptions): Promise<ExpositionText> {
  const timeout = new AbortController()
  const abort = () => timeout.abort()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    abort()
  }, options.timeoutMs)
  options.signal.addEventListener('abort', abort, { once: true })
  try {
    return await read(url, options.dispatcher, timeout.signal)
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
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<ExpositionText> {
  const { address, authorization } = splitCredentials(url)
  const response = await request(address, {
    dispatcher,
    signal,
    headers: {
      accept: 'text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5',
      'user-agent': 'equipoise',
      ...authorization,
    },
  }).catch((error: unknown) => {
    throw new Error(`not reachable: ${messageOf(error)}`, { cause: error })
  })
  if (response.statusCode !== 200) {
    await response.body.dump()
    throw new Error(`answered ${response.statusCode} instead of 200`)
  }
  const contentType = String(response.headers['content-type'] ?? '')
  return { text: await readText(response.body), format: expositionFormat(contentType) }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    // Leaving the loop destroys the stream and its connection.
    if (size > largestBodyBytes) throw new Error(`sent more than ${largestBodyBytes} bytes`)
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
