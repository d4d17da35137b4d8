import { beforeEach, expect, test } from 'vitest'
import { RetryableError } from '../../records/failure.ts'
import type { RecordKind } from '../../records/record-kind.ts'
import { encodeV1, encodeV2, snappy } from '../../sources/remote-write/test-messages.ts'
import { createApp } from '../app.ts'
import { testConfig, testContext, testNowMs } from '../test-context.ts'

const labels = { __name__: 'up', job: 'a' }
const series = [{ labels, samples: [[1, testNowMs]] as const }]

const v1 = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const v2 = {
  ...v1,
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
}

let accepted: unknown[]
let failure: Error | null
let app: ReturnType<typeof createApp>

beforeEach(() => {
  accepted = []
  failure = null
  app = createApp(
    testContext({
      accept: (_kind: RecordKind, records: readonly unknown[]) => {
        if (failure !== null) return Promise.reject(failure)
        accepted.push(...records)
        return Promise.resolve()
      },
    }),
  )
})

async function write(body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = v1) {
  const answer = await app.request('/api/v1/write', { method: 'POST', headers, body })
  const counts = ['samples', 'histograms', 'exemplars'].map((kind) =>
    answer.headers.get(`x-prometheus-remote-write-${kind}-written`),
  )
  return { status: answer.status, counts, text: await answer.text(), answer }
}

const bytes = (buffer: Buffer) => new Uint8Array(buffer)

test.each([
  ['1.0', encodeV1(series), v1],
  ['2.0', encodeV2(series), v2],
  ['1.0 without headers', encodeV1(series), {}],
])('version %s is durable before it is answered with 204', async (_, message, headers) => {
  const { status, counts, text } = await write(bytes(snappy(message)), headers)
  expect({ status, counts, text }).toEqual({ status: 204, counts: ['1', '0', '0'], text: '' })
  expect(accepted).toMatchObject([
    { series: { project: 'p', metric: 'up' }, timeMs: testNowMs, value: 1, state: 'present' },
  ])
})

test.each([
  ['another encoding', { ...v1, 'content-encoding': 'gzip' }],
  ['another type', { ...v1, 'content-type': 'application/json' }],
  ['another message', { ...v1, 'content-type': 'application/x-protobuf;proto=io.x.Y' }],
])('%s is 415', async (_, headers) => {
  expect(await write(bytes(snappy(encodeV1(series))), headers)).toMatchObject({
    status: 415,
    counts: ['0', '0', '0'],
  })
})

test('garbage is 400, and so is garbage within a block: the sender drops it', async () => {
  expect(await write(new Uint8Array([1, 2, 3]))).toMatchObject({ status: 400 })
  expect(await write(bytes(snappy(Buffer.from('no message'))))).toMatchObject({ status: 400 })
  expect(accepted).toEqual([])
})

test('too large is 413, by its own size and by what it announces', async () => {
  expect(await write(new Uint8Array(8 * 1_024 * 1_024 + 1))).toMatchObject({ status: 413 })
  expect(await write(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f]))).toMatchObject({ status: 413 })
})

test('a spool that refuses is 503 with a time to try again, and trying again works', async () => {
  failure = new RetryableError('the disk is full', { retryAfterMs: 4_000 })
  const body = bytes(snappy(encodeV1(series)))
  const refused = await write(body)
  expect([refused.status, refused.answer.headers.get('retry-after')]).toEqual([503, '4'])
  failure = null
  expect(await write(body)).toMatchObject({ status: 204, counts: ['1', '0', '0'] })
  expect(accepted).toHaveLength(1)
})

test('the same request again is answered the same and kept once', async () => {
  const body = bytes(snappy(encodeV1(series)))
  const answers = await Promise.all([write(body), write(body), write(body)])
  expect(answers.map(({ status, counts }) => [status, counts[0]])).toEqual([
    [204, '1'],
    [204, '1'],
    [204, '1'],
  ])
  expect(accepted).toHaveLength(1)
})

test('what is refused is said, and the rest is kept', async () => {
  const mixed = [...series, { labels: { ...labels, __name__: 'h' }, histograms: 2 }]
  for (const [message, headers] of [
    [encodeV1(mixed), v1],
    [encodeV2(mixed), v2],
  ] as const) {
    const { status, counts, text } = await write(bytes(snappy(message)), headers)
    expect({ status, counts }).toEqual({ status: 400, counts: ['1', '0', '0'] })
    expect(text).toContain('2 native histograms were refused')
  }
  expect(accepted).toHaveLength(2)
})

test('an empty request is a success', async () => {
  expect(await write(bytes(snappy(Buffer.alloc(0))))).toMatchObject({ status: 204 })
})

const as = (role: string) =>
  write(bytes(snappy(encodeV1(series))), { ...v1, authorization: `Bearer ${role}-012345678901` })

test('a token of role viewer may not write, one of role ingest may', async () => {
  const tokens = ['viewer', 'ingest'].map((role) => ({
    name: role,
    role,
    token: `${role}-012345678901`,
  }))
  const config = testConfig({ tokens })
  app = createApp(testContext({ config: () => config }))
  expect((await as('viewer')).status).toBe(403)
  expect((await as('ingest')).status).toBe(204)
})
