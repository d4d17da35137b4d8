// OTLP over HTTP as exporters rely on it: statuses, limits, encodings, retries.
import protobuf from 'protobufjs/minimal.js'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RetryableError } from '../../records/failure.ts'
import { startTestReceiver, type TestReceiver } from './otlp-fixture.ts'

let receiver: TestReceiver

beforeEach(async () => {
  receiver = await startTestReceiver()
})

afterEach(async () => {
  await receiver.close()
})

const json = { 'content-type': 'application/json' }
const proto = { 'content-type': 'application/x-protobuf' }
const paths = ['/v1/traces', '/v1/metrics', '/v1/logs']

const traceId = '5b8efff798038103d269b633813fc60c'
const nanos = (ms: number) => `${Math.floor(ms)}000000`

function span(changes: object = {}): object {
  const startMs = Date.now() - 1_000
  return {
    traceId,
    spanId: 'eee19b7ec3c1b174',
    name: 'chat a',
    kind: 3,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(startMs + 500),
    attributes: [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.request.model', value: { stringValue: 'a' } },
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '12' } },
    ],
    unknownField: { ignored: true },
    ...changes,
  }
}

function batch(...spans: object[]): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
}

/** Code and message of a `google.rpc.Status`, in either encoding. */
async function statusOf(response: Response): Promise<{ code: number; message: string }> {
  if (response.headers.get('content-type') === 'application/json') {
    const status: { code: number; message: string } = JSON.parse(await response.text())
    return status
  }
  expect(response.headers.get('content-type')).toBe('application/x-protobuf')
  const reader = protobuf.Reader.create(new Uint8Array(await response.arrayBuffer()))
  expect(reader.uint32()).toBe(0x08)
  const code = reader.int32()
  expect(reader.uint32()).toBe(0x12)
  return { code, message: reader.string() }
}

describe.each(paths)('%s', (path) => {
  test('nothing at all is a success', async () => {
    const asProto = await receiver.post(path, new Uint8Array(), proto)
    expect([asProto.status, asProto.headers.get('content-type')]).toEqual([
      200,
      'application/x-protobuf',
    ])
    expect((await asProto.arrayBuffer()).byteLength).toBe(0)
    const asJson = await receiver.post(path, '{}', {
      'content-type': 'application/json; charset=utf-8',
    })
    expect([asJson.status, asJson.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(await asJson.text()).toBe('{}')
  })

  test('bytes that are no request are refused for good', async () => {
    const asProto = await receiver.post(path, new Uint8Array([0x0a, 0x7f, 1]), proto)
    expect(asProto.status).toBe(400)
    expect((await statusOf(asProto)).message).toContain('not an OTLP protobuf message')
    const asJson = await receiver.post(path, '{', json)
    expect(asJson.status).toBe(400)
    expect(await statusOf(asJson)).toMatchObject({ code: 3 })
  })

  test('other types and packings are refused', async () => {
    const type = await receiver.post(path, 'hello', { 'content-type': 'text/plain' })
    expect(type.status).toBe(415)
    expect((await statusOf(type)).message).toContain('text/plain')
    const packing = await receiver.post(path, '{}', { ...json, 'content-encoding': 'br' })
    expect(packing.status).toBe(415)
  })

  test('what is too large is refused before and after it is unpacked', async () => {
    const large = new Uint8Array(21 * 1_024 * 1_024)
    const sent = await receiver.post(path, large, proto)
    expect(sent.status).toBe(413)
    expect((await statusOf(sent)).message).toContain('larger than 20 MiB:')
    const packed = await receiver.post(path, gzipSync(large), {
      ...proto,
      'content-encoding': 'gzip',
    })
    expect(packed.status).toBe(413)
    expect((await statusOf(packed)).message).toContain('larger than 20 MiB once unpacked')
  })

  test('a body that is small and unfolds into too much is refused', async () => {
    const many = new Uint8Array(4 * 1_024 * 1_024)
    for (let at = 0; at < many.length; at += 2) many[at] = 0x0a
    const response = await receiver.post(path, gzipSync(many), {
      ...proto,
      'content-encoding': 'gzip',
    })
    expect(response.status).toBe(413)
    expect((await statusOf(response)).message).toContain('more than 1000000 values')
  })

  test('broken gzip is refused', async () => {
    const response = await receiver.post(path, 'no gzip', { ...json, 'content-encoding': 'gzip' })
    expect(response.status).toBe(400)
  })
})

test('the path to a wrong value is told', async () => {
  const response = await receiver.post('/v1/traces', batch(span(), span({ name: 5 })), json)
  expect(response.status).toBe(400)
  expect((await statusOf(response)).message).toBe(
    'resourceSpans[0].scopeSpans[0].spans[1].name is 5, expected a string',
  )
})

test('a gzip body is read', async () => {
  const response = await receiver.post('/v1/traces', gzipSync(batch(span())), {
    ...json,
    'content-encoding': 'gzip',
  })
  expect(response.status).toBe(200)
  expect(receiver.accepted.calls).toHaveLength(1)
})

test('ids may be in capitals', async () => {
  await receiver.post('/v1/traces', batch(span({ traceId: traceId.toUpperCase() })), json)
  expect(receiver.accepted.calls).toMatchObject([{ traceId }])
})

test('bad spans cost themselves only, and are counted', async () => {
  const now = Date.now()
  const body = batch(
    span(),
    span({ spanId: '' }),
    span({ traceId: '0'.repeat(32) }),
    span({ spanId: '1111111111111111', startTimeUnixNano: nanos(now), endTimeUnixNano: '5' }),
    span({ spanId: '2222222222222222', startTimeUnixNano: '5', endTimeUnixNano: '6' }),
  )
  const asJson = await receiver.post('/v1/traces', body, json)
  expect(asJson.status).toBe(200)
  const answer: { partialSuccess: { rejectedSpans: string; errorMessage: string } } = JSON.parse(
    await asJson.text(),
  )
  expect(answer.partialSuccess.rejectedSpans).toBe('4')
  expect(answer.partialSuccess.errorMessage).toContain('2 × a trace id is 32 hex digits')
  expect(receiver.accepted.calls).toHaveLength(1)
})

test('partial success in protobuf', async () => {
  // One log record of an evaluation without a name.
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork().uint32(0x12).fork().uint32(0x12).fork()
  writer.uint32(0x62).string('gen_ai.evaluation.result').ldelim().ldelim().ldelim()
  const response = await receiver.post('/v1/logs', writer.finish(), proto)
  expect(response.status).toBe(200)
  const reader = protobuf.Reader.create(new Uint8Array(await response.arrayBuffer()))
  expect(reader.uint32()).toBe(0x0a)
  reader.uint32()
  expect([reader.uint32(), reader.uint32()]).toEqual([0x08, 1])
  expect([reader.uint32(), reader.string()]).toEqual([
    0x12,
    '1 × an evaluation has no gen_ai.evaluation.name: set it',
  ])
})

test.each([
  ['JSON', json],
  ['protobuf', proto],
])(
  '%s: what the spool refuses is put off, and nothing is doubled when it comes again',
  async () => {
    receiver.refusals.push(new RetryableError('the disk is full', { retryAfterMs: 4_200 }))
    const body = batch(span())
    const refused = await receiver.post('/v1/traces', body, json)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await statusOf(refused)).toEqual({ code: 14, message: 'the disk is full' })
    expect((await receiver.post('/v1/traces', body, json)).status).toBe(200)
    expect((await receiver.post('/v1/traces', body, json)).status).toBe(200)
    expect(receiver.accepted.calls).toHaveLength(1)
  },
)

const deltas = (value: number) =>
  JSON.stringify({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'orders',
                sum: {
                  aggregationTemporality: 1,
                  isMonotonic: true,
                  dataPoints: [
                    {
                      asInt: String(value),
                      startTimeUnixNano: nanos(1_000 * Math.floor(Date.now() / 1_000) - 5_000),
                      timeUnixNano: nanos(1_000 * Math.floor(Date.now() / 1_000)),
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  })

test('metrics: the same bytes again are a retry, also of deltas', async () => {
  const first = deltas(3)
  receiver.refusals.push(new RetryableError('the disk is full'))
  expect((await receiver.post('/v1/metrics', first, json)).status).toBe(503)
  for (let time = 0; time < 2; time += 1) await receiver.post('/v1/metrics', first, json)
  await receiver.post('/v1/metrics', deltas(4), json)
  expect(receiver.accepted.samples.map((sample) => sample.value)).toEqual([0, 3, 7])
})

test('a fault of our own says nothing of our inside', async () => {
  receiver.refusals.push(new Error('secret path'))
  const response = await receiver.post('/v1/traces', batch(span()), json)
  expect(response.status).toBe(500)
  expect((await statusOf(response)).message).not.toContain('secret')
})

test('with tokens, one that only writes is enough', async () => {
  const guarded = await startTestReceiver((config) => ({
    ...config,
    server: {
      ...config.server,
      tokens: [{ name: 'collector', role: 'ingest', token: 'ingest-0123456789' }],
    },
  }))
  const write = async (headers: Record<string, string>) =>
    (await guarded.post('/v1/traces', '{}', { ...json, ...headers })).status
  expect(await write({})).toBe(401)
  expect(await write({ authorization: 'Bearer ingest-0123456789' })).toBe(200)
  const stranger = await guarded.post('/v1/logs', new Uint8Array(), proto)
  expect([stranger.status, (await statusOf(stranger)).code]).toEqual([401, 16])
  const asJson = await guarded.post('/v1/logs', '{}', json)
  expect([asJson.status, (await statusOf(asJson)).code]).toEqual([401, 16])
  const guess = { ...proto, authorization: 'Bearer guess-0123456789' }
  for (let time = 0; time < 5; time += 1) await guarded.post('/v1/logs', new Uint8Array(), guess)
  const slowed = await guarded.post('/v1/logs', new Uint8Array(), guess)
  expect([slowed.status, (await statusOf(slowed)).code]).toEqual([429, 8])
  expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
  await guarded.close()
})
