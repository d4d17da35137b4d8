import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InferenceRequest } from './inference-request.ts'
import { parseInferenceRequest } from './inference-request.ts'
import { upstreamBody } from './upstream-body.ts'

function parse(text: string, operation: 'chat' | 'embedding' = 'chat'): InferenceRequest {
  const parsed = parseInferenceRequest(Buffer.from(text), operation)
  if ('status' in parsed) throw new Error(parsed.message)
  return parsed
}

const sent = (text: string, model = 'm') => {
  const { body, hidesUsage } = upstreamBody(parse(text), model)
  return { text: body.toString(), hidesUsage }
}

describe('upstreamBody', () => {
  test.each([
    ['{"model":"m"}', '{"model":"m"}', false],
    ['{"model":"m","stream":false}', '{"model":"m","stream":false}', false],
    [
      '{ "model": "m", "stream": true, "seed": 12345678901234567890 }',
      '{"stream_options":{"include_usage":true}, "model": "m", "stream": true, "seed": 12345678901234567890 }',
      true,
    ],
    [
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
      false,
    ],
    [
      '{"model":"m","stream":true,"stream_options":{"continuous_usage_stats":true,"include_usage":false}}',
      '{"model":"m","stream":true,"stream_options":{"continuous_usage_stats":true,"include_usage":true}}',
      true,
    ],
    [
      '{"model":"m","stream":true,"stream_options":null}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
      true,
    ],
    [
      '{"model":"m","stream":true,"stream_options":[1]}',
      '{"model":"m","stream":true,"stream_options":[1]}',
      false,
    ],
  ])('%s', (text, expected, hidesUsage) => {
    expect(sent(text)).toEqual({ text: expected, hidesUsage })
  })

  test('replaces the model by the name that the server knows', () => {
    expect(sent('{"model" : "m", "x":"m"}', '/weights/"m"').text).toBe(
      '{"model" : "/weights/\\"m\\"", "x":"m"}',
    )
  })

  test('changes nothing but what it must', () => {
    const rest = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(rest, fc.boolean(), fc.string(), (fields, stream, upstream) => {
        const given = JSON.parse(
          JSON.stringify({
            ...fields,
            stream_options: undefined,
            model: 'm',
            stream,
            n: 1,
            metadata: {},
          }),
        )
        const result = JSON.parse(sent(JSON.stringify(given), upstream).text)
        expect(result).toEqual({
          ...given,
          model: upstream,
          ...(stream ? { stream_options: { include_usage: true } } : {}),
        })
      }),
    )
  })

  test('a request without change keeps its very bytes', () => {
    const request = parse('{"model":"m"}')
    expect(upstreamBody(request, 'm').body).toBe(request.body)
  })
})

describe('parseInferenceRequest', () => {
  test.each([
    ['{', null],
    ['null', null],
    ['{"model":"m","messages":[}', null],
    ['{"messages":[]}', 'model'],
    ['{"model":7}', 'model'],
    ['{"model":""}', 'model'],
    ['{"model":"m","stream":"yes"}', 'stream'],
  ])('%s is refused and names %s', (text, param) => {
    expect(parseInferenceRequest(Buffer.from(text), 'chat')).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
    })
  })

  test('a body beyond the parse limit is scanned for the same fields', () => {
    const large = JSON.stringify({
      model: 'm',
      stream: true,
      n: 3,
      metadata: { a: 'b' },
      x: 'y'.repeat(2 ** 20),
    })
    expect(parse(large)).toMatchObject({
      model: 'm',
      streaming: true,
      choices: 3,
      metadata: { a: 'b' },
    })
  })

  test('an embedding never streams', () => {
    expect(parse('{"model":"m","stream":true}', 'embedding').streaming).toBe(false)
  })

  test('metadata is bounded to 16 pairs of strings', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`k${i}`, i === 0 ? 0 : 'v'.repeat(99_999)]),
    )
    const kept = parse(JSON.stringify({ model: 'm', metadata })).metadata
    expect(Object.keys(kept)).toHaveLength(16)
    expect(Math.max(...Object.values(kept).map((value) => value.length))).toBe(16_384)
  })
})
