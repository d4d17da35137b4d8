// A spool that is full, at every door: 503 with a time to try again, and what is sent again then is kept once.
import { expect, test } from 'vitest'
import { RetryableError } from '../../records/failure.ts'
import type { RecordKind } from '../../records/record-kind.ts'
import { encodeV1, snappy } from '../../sources/remote-write/test-messages.ts'
import { createApp } from '../app.ts'
import { testContext, testNowMs } from '../test-context.ts'

const call = { callId: 'x', startedAt: testNowMs, model: 'a', totalSeconds: 1 }
const score = {
  callId: 'x',
  model: 'a',
  callStartedAt: testNowMs,
  evaluator: 'e',
  dimension: 'd',
  value: 1,
}
const label = {
  callId: 'x',
  model: 'a',
  reviewer: 'r',
  question: 'q',
  labelledAt: testNowMs,
  value: 1,
}
const span = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'chat a',
  startTimeUnixNano: `${testNowMs}000000`,
  endTimeUnixNano: `${testNowMs + 5}000000`,
  attributes: [
    { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
    { key: 'gen_ai.request.model', value: { stringValue: 'a' } },
  ],
}
const point = { timeUnixNano: `${testNowMs}000000`, asDouble: 1 }
const samples = snappy(
  encodeV1([{ labels: { __name__: 'up', job: 'a' }, samples: [[1, testNowMs]] }]),
)

test.each<[string, unknown]>([
  ['/api/v1/calls', [call]],
  ['/api/v1/scores', [score]],
  ['/api/v1/events', { kind: 'deploy', title: 't' }],
  ['/api/v1/feedback', { callId: 'x', model: 'a', value: 'up' }],
  ['/api/v1/import/labels', [label]],
  ['/api/v1/import/events', [{ kind: 'deploy', title: 't', time: testNowMs }]],
  ['/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }],
  [
    '/v1/metrics',
    {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [point] } }] }] },
      ],
    },
  ],
  ['/api/v1/write', samples],
])('%s', async (path, body) => {
  const accepted: unknown[] = []
  let isFull = true
  const app = createApp(
    testContext({
      accept: (_kind: RecordKind, records: readonly unknown[]) => {
        if (isFull) return Promise.reject(new RetryableError('full', { retryAfterMs: 7_000 }))
        accepted.push(...records)
        return Promise.resolve()
      },
    }),
  )
  const send = async () =>
    await app.request(path, {
      method: 'POST',
      headers: {
        'content-type': Buffer.isBuffer(body) ? 'application/x-protobuf' : 'application/json',
        'idempotency-key': 'k-1',
      },
      body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
    })
  const refused = await send()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7'])
  isFull = false
  for (let time = 0; time < 2; time += 1) expect((await send()).status).toBeLessThan(300)
  expect(accepted).toHaveLength(1)
})
