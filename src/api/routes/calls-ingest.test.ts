import { beforeEach, expect, test } from 'vitest'
import { RetryableError } from '../../records/failure.ts'
import type { RecordKind } from '../../records/record-kind.ts'
import type { IngestAnswer } from '../../sources/import/ingest.ts'
import { createApp } from '../app.ts'
import { bodyOf, testConfig, testContext, testNowMs } from '../test-context.ts'

let accepted: [RecordKind, readonly unknown[]][]
let failure: Error | null
let app: ReturnType<typeof createApp>

const stored = {
  callId: 'c-1',
  model: 'a',
  component: 'a',
  startedAtMs: testNowMs - 60_000,
  samplingProbability: 0.25,
}

function context(gateway: object = {}) {
  const config = { ...testConfig(), gateway: { ...testConfig().gateway, ...gateway } }
  const base = testContext()
  return testContext({
    config: () => config,
    store: {
      ...base.store,
      // The rows that the queries for calls by id would give; the caller states their shape.
      query: <Row>(_sql: string, parameters = {}) => {
        const wanted = JSON.stringify(parameters)
        const rows: unknown = wanted.includes('"c-1"') ? [stored] : []
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
        return Promise.resolve(rows as readonly Row[])
      },
    },
    accept: (kind: RecordKind, records: readonly unknown[]) => {
      if (failure !== null) return Promise.reject(failure)
      accepted.push([kind, records])
      return Promise.resolve()
    },
  })
}

beforeEach(() => {
  accepted = []
  failure = null
  app = createApp(context())
})

const json = 'application/json'

async function post(path: string, body: unknown, type = json) {
  const answer = await app.request(`/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: answer.status, body: await bodyOf<IngestAnswer>(answer) }
}

const call = { callId: 'x', startedAt: '2026-01-01T00:00:00Z', model: 'a', totalSeconds: 1.5 }

test('a call needs little, and what it does not say is not known', async () => {
  expect(await post('calls', [call])).toEqual({
    status: 200,
    body: { accepted: 1, duplicates: 0, rejected: [] },
  })
  expect(accepted).toMatchObject([
    [
      'calls',
      [
        {
          project: 'p',
          callId: 'x',
          startedAtMs: Date.UTC(2026, 0, 1),
          totalSeconds: 1.5,
          ttftSeconds: null,
          promptTokens: null,
          usageSource: 'none',
          sampled: true,
          samplingProbability: 1,
          machine: { gpuIds: [], gpuDuty: null },
        },
      ],
    ],
  ])
})

test('times are ISO with a zone or milliseconds; an id is made where there is none', async () => {
  const { callId: _, ...nameless } = call
  const rows = [
    { ...nameless, startedAt: testNowMs },
    { ...nameless, startedAt: '2026-01-01T01:00:00.5+01:00' },
  ]
  expect(await post('calls', rows)).toMatchObject({ body: { accepted: 2 } })
  expect(accepted[0]?.[1]).toMatchObject([
    { startedAtMs: testNowMs, callId: expect.stringMatching(/^[\da-f-]{36}$/) },
    { startedAtMs: Date.UTC(2026, 0, 1, 0, 0, 0, 500) },
  ])
})

test('each row is judged by itself: index, field and what was expected', async () => {
  const rows = [
    call,
    { ...call, callId: 'y', startedAt: 1_767_225_600 },
    { ...call, callId: 'z', colour: 'red' },
    { ...call, callId: 'v', totalSeconds: '2' },
    7,
  ]
  const { status, body } = await post('calls', rows)
  expect({ status, accepted: body.accepted }).toEqual({ status: 200, accepted: 1 })
  expect(body.rejected).toEqual([
    { index: 1, field: 'startedAt', expected: expect.stringContaining('epoch milliseconds') },
    { index: 2, field: 'colour', expected: 'no such field' },
    { index: 3, field: 'totalSeconds', expected: expect.stringContaining('expected number') },
    { index: 4, field: '', expected: expect.stringContaining('expected object') },
  ])
})

test('a body with no good row is 400', async () => {
  expect(await post('calls', [{}])).toMatchObject({ status: 400, body: { accepted: 0 } })
})

test('NDJSON: a line that is no JSON costs itself', async () => {
  const lines = `${JSON.stringify(call)}\n{"callId":\n\n${JSON.stringify({ ...call, callId: 'y' })}\n`
  expect(await post('calls', lines, 'application/x-ndjson')).toEqual({
    status: 200,
    body: {
      accepted: 2,
      duplicates: 0,
      rejected: [{ index: 1, field: '', expected: 'one JSON object a line' }],
    },
  })
})

test.each([
  ['another type', 'x', 'text/plain', 415],
  ['no JSON', '{', json, 400],
  ['a number', '7', json, 400],
  ['too many rows', JSON.stringify(Array.from({ length: 10_001 }, () => 1)), json, 413],
])('%s is refused as a whole', async (_, body, type, status) => {
  expect(await post('calls', body, type)).toMatchObject({ status })
})

test('the same ids again are duplicates, also after a try that failed', async () => {
  failure = new RetryableError('the disk is full')
  expect((await post('calls', [call])).status).toBe(503)
  failure = null
  expect((await post('calls', [call, call])).body).toMatchObject({ accepted: 1, duplicates: 1 })
  expect((await post('calls', [call])).body).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(accepted).toHaveLength(1)
})

test('text is redacted before it is kept, and kept only where the configuration says so', async () => {
  const mail = 'write to ada@example.com'
  const row = {
    ...call,
    prompt: mail,
    answer: mail,
    attributes: { user: mail },
    errorMessage: mail,
  }
  const clean = 'write to [redacted:email]'
  await post('calls', [row])
  expect(accepted[0]?.[1]).toMatchObject([
    { prompt: clean, answer: clean, attributes: { user: clean }, errorMessage: clean },
  ])
  await post('calls', [{ ...row, callId: 'unsampled', sampled: false }])
  expect(accepted[1]?.[1]).toMatchObject([{ prompt: '', answer: '' }])
  app = createApp(context({ capture: 'none' }))
  await post('calls', [row])
  expect(accepted[2]?.[1]).toMatchObject([{ prompt: '', answer: '' }])
})

const score = { callId: 'c-1', evaluator: 'mine', dimension: 'accuracy', value: 0.5 }

test('a score takes the rest from its call', async () => {
  expect(await post('scores', [score])).toMatchObject({ status: 200, body: { accepted: 1 } })
  expect(accepted[0]?.[1]).toMatchObject([
    {
      model: 'a',
      callStartedAtMs: stored.startedAtMs,
      scoredAtMs: testNowMs,
      lagSeconds: 60,
      outcome: 'scored',
      samplingProbability: 0.25,
    },
  ])
})

test('a score of an unknown call must say more; one without a value must say why', async () => {
  const whole = { ...score, callId: 'far', model: 'b', callStartedAt: testNowMs }
  const rows = [
    { ...score, callId: 'far' },
    whole,
    { ...whole, value: null },
    { ...whole, value: null, outcome: 'skipped', reason: 'ask ada@example.com', dimension: 'tone' },
    { ...whole, value: 1, outcome: 'failed' },
  ]
  const { body } = await post('scores', rows)
  expect(body.accepted).toBe(2)
  expect(body.rejected.map(({ index, field }) => [index, field])).toEqual([
    [0, 'callId'],
    [2, 'value'],
    [4, 'value'],
  ])
  expect(accepted[0]?.[1]).toMatchObject([{}, { reason: 'ask [redacted:email]', value: null }])
})

test.each([
  ['up', 1],
  ['down', 0],
  [0.25, 0.25],
])('feedback %s is a flagged label of value %s', async (value, expected) => {
  const { status } = await post('feedback', { callId: 'c-1', value, comment: 'to ada@example.com' })
  expect(status).toBe(202)
  expect(accepted).toMatchObject([
    [
      'labels',
      [
        {
          callId: 'c-1',
          model: 'a',
          question: 'feedback',
          reviewer: 'local',
          value: expected,
          comment: 'to [redacted:email]',
          draw: 'flagged',
        },
      ],
    ],
  ])
})

test('feedback on a call that nobody knows is 404, unless it names the model', async () => {
  expect((await post('feedback', { callId: 'no', value: 'up' })).status).toBe(404)
  expect((await post('feedback', { callId: 'no', value: 'up', model: 'b' })).status).toBe(202)
  expect((await post('feedback', { callId: 'c-1', value: 'sideways' })).status).toBe(400)
})

test('labels and events in bulk', async () => {
  const label = {
    callId: 'x',
    model: 'a',
    reviewer: 'ada',
    question: 'q',
    labelledAt: testNowMs,
    value: 1,
  }
  expect((await post('import/labels', [label, label])).body).toMatchObject({
    accepted: 1,
    duplicates: 1,
  })
  const event = { eventId: 'e', time: testNowMs, kind: 'deploy', title: 'v2' }
  expect((await post('import/events', [event, { ...event, kind: 'party' }])).body).toMatchObject({
    accepted: 1,
    rejected: [{ index: 1, field: 'kind' }],
  })
})

const ollama = {
  model: 'a',
  created_at: '2026-01-01T00:00:05.000000Z',
  message: { role: 'assistant', content: 'So.' },
  done: true,
  done_reason: 'stop',
  total_duration: 5_000_000_000,
  load_duration: 1_000_000_000,
  prompt_eval_count: 26,
  prompt_eval_duration: 400_000_000,
  eval_count: 290,
  eval_duration: 2_900_000_000,
}

test('a native answer of Ollama is a call, with more fields of a call beside it', async () => {
  const answer = await post('calls', { ...ollama, copy: 'ollama-1', tenant: 't', callId: 'o-1' })
  expect(answer).toMatchObject({ status: 200, body: { accepted: 1, rejected: [] } })
  expect(accepted[0]?.[1]).toMatchObject([
    {
      callId: 'o-1',
      copy: 'ollama-1',
      tenant: 't',
      operation: 'chat',
      startedAtMs: Date.UTC(2026, 0, 1),
      totalSeconds: 5,
      ttftSeconds: expect.closeTo(2.1, 9),
      tpotSeconds: expect.closeTo(0.01, 9),
      promptTokens: 26,
      completionTokens: 290,
      usageSource: 'upstream',
      finishReason: 'stop',
      attributes: { 'ollama.load_seconds': '1' },
    },
  ])
})

test('of Ollama: generated text, a prompt from the cache, and what is no whole answer', async () => {
  const { message: _, prompt_eval_count: __, ...generated } = { ...ollama, response: 'So.' }
  await post('calls', [generated])
  expect(accepted[0]?.[1]).toMatchObject([
    { operation: 'completion', promptTokens: null, completionTokens: 290 },
  ])
  const { body } = await post('calls', [
    { ...ollama, done: false },
    { ...ollama, total_duration: '5s' },
    { ...ollama, created_at: 'yesterday' },
    { ...ollama, unknown: 1 },
  ])
  expect(body.rejected.map(({ field }) => field)).toEqual([
    'total_duration',
    'total_duration',
    'startedAt',
    'unknown',
  ])
})
