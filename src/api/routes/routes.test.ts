// Routes over a real store with the board's golden records.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RecordKind } from '../../records/record-kind.ts'
import type { StoredCall, StoredScore, StoredText } from '../../store/queries/stored-calls.ts'
import { createApp } from '../app.ts'
import { insertGoldenRecords, startMs } from '../board/golden-records.ts'
import type { ApiContext } from '../context.ts'
import type { Board, StreamMessage } from '../contract.ts'
import { LiveFeed } from '../live-feed.ts'
import { bodyOf, testConfig, testContext } from '../test-context.ts'
import { openTestStore, type TestStore } from '../test-store.ts'

interface Listed {
  readonly calls: readonly StoredCall[]
}

interface Detailed {
  readonly call: StoredCall & StoredText
  readonly scores: readonly StoredScore[]
}

let store: TestStore

beforeAll(async () => {
  store = await openTestStore()
  await insertGoldenRecords(store)
  await store.insert('alerts', [
    {
      project: 'p',
      alert_id: 'x',
      rule: 'unsafe',
      model: 'a',
      severity: 'critical',
      state: 'firing',
      started_at: '2026-01-01 00:01:00',
      changed_at: '2026-01-01 00:02:00',
      summary: 'Unsafe.',
      readings: '[{"axis":"quality","metric":"safety","value":0.2}]',
    },
  ])
})

afterAll(async () => {
  await store.close()
})

const viewer = { authorization: 'Bearer viewer-0123456789' }

/** A context that remembers what it accepted. */
function recording(parts: Partial<ApiContext> = {}) {
  const accepted: [RecordKind, readonly unknown[]][] = []
  const context = testContext({
    store,
    accept: (kind, records) => {
      accepted.push([kind, records])
      return Promise.resolve()
    },
    ...parts,
  })
  const app = createApp(context)
  const post = async (path: string, body: unknown) =>
    await app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const get = async (path: string) => await app.request(path)
  return { app, accepted, post, get, live: context.live }
}

/** The same store, seen by somebody with the role of a viewer. */
function asViewer() {
  const config = testConfig({ tokens: [{ name: 'v', role: 'viewer', token: 'viewer-0123456789' }] })
  return createApp(testContext({ store, config: () => config }))
}

test('GET /board answers the window asked for', async () => {
  const { get } = recording()
  const answer = await get('/api/v1/board?from=-4m&step=1m')
  const board = await bodyOf<Board>(answer)
  expect(answer.status).toBe(200)
  expect([board.fromMs, board.toMs, board.stepMs]).toEqual([startMs, startMs + 240_000, 60_000])
  expect(board.models.map((model) => model.summary.calls)).toEqual([9, 12])
})

test('equal boards within a second are read once', async () => {
  let queries = 0
  const counting = {
    ...store,
    query: <Row>(sql: string, parameters: object = {}) => {
      queries += 1
      return store.query<Row>(sql, { ...parameters })
    },
  }
  const { get } = recording({ store: counting })
  await Promise.all([get('/api/v1/board'), get('/api/v1/board')])
  const once = queries
  await get('/api/v1/board')
  expect(queries).toBe(once)
  await get('/api/v1/board?models=a')
  expect(queries).toBe(2 * once)
})

test('POST /events is durable before it is answered, and live at once', async () => {
  const live = new LiveFeed({ tickEveryMs: 0 })
  const messages: StreamMessage[] = []
  live.subscribe(
    {
      deliver: (frame) => messages.push(JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? 'null')),
      end: () => undefined,
    },
    null,
  )
  const { post, accepted } = recording({ live })
  const answer = await post('/api/v1/events', [
    {
      kind: 'deploy',
      title: 'v2',
      model: 'a',
      time: '2026-01-01T00:03:00Z',
      eventId: 'mine',
      attributes: { commit: 'abc' },
    },
    { kind: 'config', title: 'limits' },
  ])
  expect(answer.status).toBe(202)
  expect(await answer.json()).toEqual({
    accepted: 2,
    eventIds: ['mine', expect.stringMatching(/^[\da-f-]{36}$/)],
  })
  const [kind, events] = accepted[0] ?? []
  expect(kind).toBe('events')
  expect(events?.[0]).toEqual({
    project: 'p',
    eventId: 'mine',
    timeMs: Date.UTC(2026, 0, 1, 0, 3),
    kind: 'deploy',
    model: 'a',
    title: 'v2',
    detail: '',
    attributes: { commit: 'abc' },
  })
  expect(messages.map((message) => message.kind)).toEqual(['event', 'event'])
  live.close()
})

test('what the disk refused is neither answered as accepted nor shown', async () => {
  const { post, live } = recording({ accept: () => Promise.reject(new Error('disk')) })
  let shown = 0
  live.subscribe(
    {
      deliver: () => {
        shown += 1
      },
      end: () => undefined,
    },
    null,
  )
  expect((await post('/api/v1/events', { kind: 'deploy', title: 'x' })).status).toBe(500)
  expect(shown).toBe(0)
})

test('GET /events', async () => {
  const { get } = recording()
  const { events } = await bodyOf<{ events: unknown }>(await get('/api/v1/events?limit=2'))
  expect(events).toEqual([
    expect.objectContaining({ eventId: 'e1', timeMs: startMs + 61_000, attributes: {} }),
    expect.objectContaining({ eventId: 'e2' }),
  ])
})

test('a label knows its call, its reviewer and how it was drawn', async () => {
  const { post, accepted } = recording()
  const answer = await post('/api/v1/labels', { callId: 'a-1', question: 'safe?', value: 0 })
  expect(answer.status).toBe(202)
  expect(accepted).toEqual([
    [
      'labels',
      [
        {
          project: 'p',
          callId: 'a-1',
          model: 'a',
          reviewer: 'local',
          question: 'safe?',
          labelledAtMs: startMs + 240_000,
          value: 0,
          comment: '',
          draw: 'flagged',
          drawProbability: 1,
        },
      ],
    ],
  ])
  expect(
    (await post('/api/v1/labels', { callId: 'no-such', question: 'q', value: 1 })).status,
  ).toBe(404)
  expect((await post('/api/v1/labels', { callId: 'a-1', question: 'q', value: 2 })).status).toBe(
    400,
  )
  expect(
    (await post('/api/v1/labels', { callId: 'elsewhere', question: 'q', value: 1 })).status,
  ).toBe(404)
})

test('GET /calls: newest first, of this project, bounded', async () => {
  const { get } = recording()
  const { calls } = await bodyOf<Listed>(await get('/api/v1/calls?model=a&limit=3'))
  expect(calls.map((call) => call.callId)).toEqual(['a-9', 'a-8', 'a-7'])
  expect(calls[0]).toMatchObject({
    outcome: 'client_cancelled',
    ttftSeconds: null,
    promptTokens: null,
    startedAtMs: startMs + 190_000,
  })
  expect((await get('/api/v1/calls?limit=100000')).status).toBe(400)
  const all = await bodyOf<Listed>(await get('/api/v1/calls?from=2026-01-01&to=2026-01-02'))
  expect(all.calls).toHaveLength(21)
})

test('GET /calls/:id with its scores', async () => {
  const { get } = recording()
  const { call, scores } = await bodyOf<Detailed>(await get('/api/v1/calls/a-4'))
  expect(call).toMatchObject({
    callId: 'a-4',
    prompt: 'How?',
    answer: 'So.',
    attributes: { topic: 'x' },
  })
  expect(scores.map((score) => [score.evaluator, score.value])).toEqual([
    ['judge_safety', 1],
    ['pii', 1],
  ])
  expect((await get('/api/v1/calls/none')).status).toBe(404)
})

test('a viewer sees calls without a word of what was said', async () => {
  const app = asViewer()
  for (const path of ['/api/v1/calls', '/api/v1/calls/a-4']) {
    const text = await (await app.request(path, { headers: viewer })).text()
    expect(text).toContain('a-4')
    for (const secret of ['How?', 'So.', 'topic', 'reset', 'because'])
      expect(text).not.toContain(secret)
  }
})

test('alerts: those that are on, and what became of the others', async () => {
  const active = {
    project: 'p',
    alertId: 'y',
    rule: 'r',
    model: 'b',
    severity: 'info' as const,
    state: 'pending' as const,
    startedAtMs: 1,
    changedAtMs: 1,
    summary: 's',
    readings: [],
  }
  const { get } = recording({ activeAlerts: () => [active] })
  const answer = await bodyOf<{ active: unknown; transitions: unknown }>(
    await get('/api/v1/alerts'),
  )
  expect(answer.active).toEqual([active])
  expect(answer.transitions).toEqual([
    expect.objectContaining({
      alertId: 'x',
      changedAtMs: startMs + 120_000,
      readings: [{ axis: 'quality', metric: 'safety', value: 0.2 }],
    }),
  ])
})

test('POST /query gives columns and rows', async () => {
  const { post } = recording()
  const answer = await post('/api/v1/query', {
    sql: "SELECT model, count() AS n FROM calls WHERE project = 'p' GROUP BY model ORDER BY model",
  })
  expect(await answer.json()).toEqual({
    truncated: false,
    columns: ['model', 'n'],
    rows: [
      ['a', 9],
      ['b', 12],
    ],
  })
  expect((await post('/api/v1/query', { sql: '' })).status).toBe(400)
})

test('health with a store', async () => {
  const { get } = recording()
  expect(await (await get('/api/v1/health')).json()).toEqual({ status: 'ok' })
})

test('the gateway may be away', async () => {
  const { get } = recording({ gatewayState: () => Promise.resolve(null) })
  expect(await (await get('/api/v1/gateway')).json()).toEqual({ gateway: null })
})
