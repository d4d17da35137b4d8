import { describe, expect, test } from 'vitest'
import { clientHeaders, upstreamHeaders } from './headers.ts'

const pairs = (flat: readonly string[]) =>
  flat.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${flat[at + 1]}`] : []))

describe('upstreamHeaders', () => {
  const options = { apiKey: 'k', traceParent: 't', callId: 'c' }

  test('secrets, hop-by-hop headers and ours stay here', () => {
    const raw = [
      'Authorization',
      'Bearer client',
      'Cookie',
      'c',
      'X-Api-Key',
      'k',
      'Host',
      'h',
      'Connection',
      'close, X-Hop',
      'X-Hop',
      '1',
      'Transfer-Encoding',
      'chunked',
      'Content-Length',
      '3',
      'Expect',
      '100-continue',
      'X-Equipoise-Route',
      'r',
      'traceparent',
      'old',
      'Accept-Encoding',
      'gzip',
      'Content-Type',
      'application/json',
      'X-Other',
      'o',
    ]
    expect(pairs(upstreamHeaders(raw, options))).toEqual([
      'accept-encoding: identity',
      'traceparent: t',
      'authorization: Bearer k',
      'content-type: application/json',
      'x-other: o',
      'x-request-id: c',
    ])
  })

  test('the client’s request id is kept', () => {
    const headers = pairs(
      upstreamHeaders(['X-Request-Id', 'mine'], { ...options, apiKey: undefined }),
    )
    expect(headers.filter((line) => /request-id|authorization/.test(line))).toEqual([
      'x-request-id: mine',
    ])
  })
})

describe('clientHeaders', () => {
  const raw = [
    'Server',
    'uvicorn',
    'Content-Length',
    '9',
    'Connection',
    'keep-alive',
    'Content-Type',
    'x/y',
    'Retry-After',
    '7',
    'Cache-Control',
    'private',
    'X-Equipoise-Origin',
    'forged',
  ]

  test('an answer keeps its own, repeated ones too', () => {
    const twice = [...raw, 'Set-Cookie', 'a', 'Set-Cookie', 'b'].map((text) => Buffer.from(text))
    expect(pairs(clientHeaders(twice, { callId: 'c', isStream: false }))).toEqual([
      'x-equipoise-call-id: c',
      'x-equipoise-origin: upstream',
      'content-length: 9',
      'content-type: x/y',
      'retry-after: 7',
      'cache-control: private',
      'set-cookie: a',
      'set-cookie: b',
      'x-request-id: c',
    ])
  })

  test('a stream has no length and must not be collected on the way', () => {
    expect(
      pairs(clientHeaders([...raw, 'X-Request-Id', 'theirs'], { callId: 'c', isStream: true })),
    ).toEqual([
      'x-equipoise-call-id: c',
      'x-equipoise-origin: upstream',
      'content-type: x/y',
      'retry-after: 7',
      'x-request-id: theirs',
      'cache-control: no-cache, no-transform',
      'x-accel-buffering: no',
    ])
  })
})
