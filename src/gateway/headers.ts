// Which headers pass. Hop-by-hop ones end here (RFC 9110 7.6.1); secrets of clients never reach a model server.

const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

const notForUpstream = new Set([
  ...hopByHop,
  'accept-encoding',
  'api-key',
  'authorization',
  'content-length',
  'cookie',
  'expect',
  'host',
  'traceparent',
  'x-api-key',
])

const notForClients = new Set([...hopByHop, 'server', 'x-equipoise-call-id', 'x-equipoise-origin'])

/** A stream may lose an event on the way, so its length is not the server's. */
const notForStreamClients = new Set([
  ...notForClients,
  'cache-control',
  'content-length',
  'x-accel-buffering',
])

export interface UpstreamHeaderOptions {
  readonly apiKey: string | undefined
  readonly traceParent: string
  readonly callId: string
}

/** Headers for the model server, as a flat list of names and values. */
export function upstreamHeaders(
  rawHeaders: readonly string[],
  { apiKey, traceParent, callId }: UpstreamHeaderOptions,
): string[] {
  // A compressed stream could not be metered, so none is asked for.
  const headers = ['accept-encoding', 'identity', 'traceparent', traceParent]
  if (apiKey !== undefined) headers.push('authorization', `Bearer ${apiKey}`)
  const named = connectionNames(rawHeaders)
  let hasRequestId = false
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? ''
    if (notForUpstream.has(name) || name.startsWith('x-equipoise-') || named.has(name)) continue
    hasRequestId ||= name === 'x-request-id'
    headers.push(name, rawHeaders[at + 1] ?? '')
  }
  if (!hasRequestId) headers.push('x-request-id', callId)
  return headers
}

export interface ClientHeaderOptions {
  readonly callId: string
  readonly isStream: boolean
}

/** Headers for the client: the model server's own, who answered, and the call's id. */
export function clientHeaders(
  rawHeaders: readonly (Buffer | string)[],
  { callId, isStream }: ClientHeaderOptions,
): string[] {
  const headers = ['x-equipoise-call-id', callId, 'x-equipoise-origin', 'upstream']
  const named = connectionNames(rawHeaders)
  const blocked = isStream ? notForStreamClients : notForClients
  let hasRequestId = false
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = textOf(rawHeaders[at]).toLowerCase()
    if (blocked.has(name) || named.has(name)) continue
    hasRequestId ||= name === 'x-request-id'
    headers.push(name, textOf(rawHeaders[at + 1]))
  }
  if (!hasRequestId) headers.push('x-request-id', callId)
  // Reverse proxies otherwise collect tokens into blocks.
  if (isStream) headers.push('cache-control', 'no-cache, no-transform', 'x-accel-buffering', 'no')
  return headers
}

/** Further hop-by-hop headers that `Connection` names. */
function connectionNames(rawHeaders: readonly (Buffer | string)[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length !== 10 || textOf(name).toLowerCase() !== 'connection') continue
    for (const token of textOf(rawHeaders[at + 1]).split(',')) names.add(token.trim().toLowerCase())
  }
  return names
}

function textOf(value: Buffer | string | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '')
}
