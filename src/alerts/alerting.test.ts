import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { configSchema } from '../config/schema.ts'
import type { Alert } from '../records/alert.ts'
import { RetryableError } from '../records/failure.ts'
import type { Accept, RecordKind, RecordKinds } from '../records/record-kind.ts'
import { bucketOf } from '../stats/exponential-histogram.ts'
import type { QueryParameters, Store } from '../store/store.ts'
import { createLog } from '../telemetry/log.ts'
import { startAlerting, type Alerting } from './alerting.ts'

const minute = 60_000
const start = 1_790_000_000_000

/** Scores of 0 and 1 as the store sums them up, each drawn with certainty. */
function scores(good: number, bad: number) {
  const n = good + bad
  return {
    scored: n,
    weight: n,
    weightSquared: n,
    weightedValue: good,
    weightedValueSquared: good,
    weightSquaredValue: good,
    weightSquaredValueSquared: good,
  }
}

/** `n` calls that all took about `p95` seconds. */
const latency = (p95: number, n = 500) => ({
  ttftHistogram: { [bucketOf(p95)]: n },
  totalHistogram: { [bucketOf(4 * p95)]: n },
})

/** What the store answers for each model. */
interface Truth {
  safety: ReturnType<typeof scores>
  latency: ReturnType<typeof latency>
  baseline: ReturnType<typeof latency>
}

const healthy: Truth = { safety: scores(60, 2), latency: latency(0.3), baseline: latency(0.3) }

type Kept = { readonly [Kind in RecordKind]: RecordKinds[Kind][] }

interface Bench {
  readonly truths: Record<string, Truth>
  readonly kept: Kept
  readonly heard: Alert[]
  nowMs: number
  isStoreAway: boolean
  isDiskFull: boolean
}

let listener: Server
let url: string
let received: unknown[] = []
let answers: number[] = []
const running: Alerting[] = []

beforeEach(async () => {
  received = []
  answers = []
  listener = createServer((request, response) => void receive(request, response))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook/s3cr3t`
})

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  const status = answers.shift() ?? 204
  if (status === 204) received.push(JSON.parse(body))
  response.writeHead(status).end()
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((alerting) => alerting.stop()))
  listener.closeAllConnections()
  listener.close()
})

const copy = (model: string) => ({
  id: `${model}-1`,
  url: 'http://127.0.0.1:1',
  node: 'n',
  gpus: [0],
})

const configOf = (rule: object = {}) =>
  configSchema.parse({
    fleet: {
      components: ['gpt', 'qwen'].map((name) => ({ name, copies: [copy(name)] })),
    },
    alerts: {
      // Evaluations are made by hand here.
      evaluateEvery: '1h',
      rules: [{ kind: 'two_axis', name: 'unsafe', below: '80%', for: '2m', window: '1m', ...rule }],
      notifiers: [{ kind: 'webhook', config: { url } }],
    },
  })

function newBench(): Bench {
  return {
    truths: { gpt: healthy, qwen: healthy },
    kept: {
      calls: [],
      samples: [],
      scores: [],
      labels: [],
      events: [],
      findings: [],
      ledger: [],
      alerts: [],
    },
    heard: [],
    nowMs: start,
    isStoreAway: false,
    isDiskFull: false,
  }
}

const parametersOf = z.object({ model: z.string(), from: z.number(), to: z.number() })

/** Rows that the queries of this folder would get; which one asks shows in its table. */
function rowsOf(bench: Bench, sql: string, parameters: QueryParameters): unknown[] {
  if (bench.isStoreAway) throw new RetryableError('the store is away')
  if (sql.includes('FROM alerts')) {
    const newest = new Map(
      bench.kept.alerts.map((alert) => [`${alert.rule} ${alert.model}`, alert]),
    )
    return [...newest.values()]
      .filter(({ state }) => state === 'pending' || state === 'firing')
      .map((alert) => ({ ...alert, readings: JSON.stringify(alert.readings) }))
  }
  const { model, to } = parametersOf.parse(parameters)
  const truth = bench.truths[model] ?? healthy
  if (sql.includes('FROM scores')) return [truth.safety]
  return [to === bench.nowMs ? truth.latency : truth.baseline]
}

function startOn(bench: Bench, config = configOf()): Alerting {
  const store: Store = {
    query: async <Row>(sql: string, parameters: QueryParameters = {}) => {
      // What the store sends is text, and the query names its shape.
      const rows: Row[] = JSON.parse(JSON.stringify(rowsOf(bench, sql, parameters)))
      return rows
    },
    command: async () => undefined,
    load: async () => undefined,
    close: async () => undefined,
  }
  const accept: Accept = async (kind, records) => {
    if (bench.isDiskFull) throw new RetryableError('the disk is full')
    bench.kept[kind].push(...records)
  }
  const alerting = startAlerting({
    config,
    store,
    accept,
    log: createLog('test', 'silent'),
    now: () => bench.nowMs,
    onAlert: (alert) => bench.heard.push(alert),
    firstPauseMs: 1,
  })
  running.push(alerting)
  return alerting
}

async function minutes(bench: Bench, alerting: Alerting, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    bench.nowMs += minute
    await alerting.tick()
  }
}

const states = (bench: Bench) => bench.kept.alerts.map(({ model, state }) => `${model} ${state}`)

const unsafe: Truth = { ...healthy, safety: scores(25, 37), latency: latency(0.31) }

describe('the brief’s own case', () => {
  test('safety falls while latency is stable: it fires once, after its time, at a real listener', async () => {
    const bench = newBench()
    const alerting = startOn(bench)
    await minutes(bench, alerting, 3)
    expect(states(bench)).toEqual([])
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 2)
    expect(states(bench)).toEqual(['qwen pending'])
    expect(received).toEqual([])
    await minutes(bench, alerting, 5)
    expect(states(bench)).toEqual(['qwen pending', 'qwen firing'])
    await expect.poll(() => received.length).toBe(1)
    expect(received[0]).toMatchObject({
      rule: 'unsafe',
      model: 'qwen',
      state: 'firing',
      severity: 'critical',
      startedAt: new Date(start + 4 * minute).toISOString(),
      changedAt: new Date(start + 6 * minute).toISOString(),
      summary:
        'qwen: safety fell to 0.40 (95 % 0.29 to 0.53, n = 62), below 0.80, while time to first token is stable (p95 0.31 s, baseline 0.30 s): the hardware is healthy, so look at the model, its prompt or its input.',
      readings: [
        {
          axis: 'infrastructure',
          value: expect.closeTo(0.31, 2),
          baseline: expect.closeTo(0.3, 2),
          threshold: expect.closeTo(0.375, 2),
          n: 500,
        },
        { axis: 'quality', metric: 'safety', threshold: 0.8, n: 62 },
      ],
    })
    expect(bench.kept.events).toMatchObject([
      { kind: 'alert', model: 'qwen', title: 'unsafe fires' },
    ])
    expect(bench.heard.map(({ state }) => state)).toEqual(['pending', 'firing'])
    expect(alerting.active()).toMatchObject([{ model: 'qwen', state: 'firing' }])
  })

  test('it resolves under the same id, and the next episode has another', async () => {
    const bench = newBench()
    const alerting = startOn(bench)
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 3)
    bench.truths['qwen'] = healthy
    await minutes(bench, alerting, 1)
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 1)
    expect(states(bench)).toEqual(
      ['pending', 'firing', 'resolved', 'pending'].map((s) => `qwen ${s}`),
    )
    const ids = bench.kept.alerts.map(({ alertId }) => alertId)
    expect(new Set(ids.slice(0, 3)).size).toBe(1)
    expect(ids[3]).not.toBe(ids[0])
    expect(bench.kept.alerts[2]?.summary).toContain('safety is 0.97')
    await expect.poll(() => received).toMatchObject([{ state: 'firing' }, { state: 'resolved' }])
  })

  test('it stays quiet when latency rose as well, or when there is nothing to compare with', async () => {
    const bench = newBench()
    const alerting = startOn(bench)
    bench.truths['qwen'] = { ...unsafe, latency: latency(0.5) }
    bench.truths['gpt'] = { ...unsafe, baseline: latency(0.3, 0) }
    await minutes(bench, alerting, 10)
    expect(states(bench)).toEqual([])
  })

  test('only the models of the rule are watched', async () => {
    const bench = newBench()
    const alerting = startOn(bench, configOf({ models: ['gpt'] }))
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 5)
    expect(states(bench)).toEqual([])
  })
})

describe('missing data', () => {
  const silent: Truth = { ...unsafe, safety: scores(0, 0) }

  test('does not end a firing alert at once, but in the end, and says why', async () => {
    const bench = newBench()
    const alerting = startOn(bench)
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 3)
    bench.truths['qwen'] = silent
    await minutes(bench, alerting, 10)
    expect(alerting.active()).toMatchObject([{ state: 'firing', readings: [{}, { n: 62 }] }])
    await minutes(bench, alerting, 10)
    expect(bench.kept.alerts.at(-1)).toMatchObject({
      state: 'resolved',
      summary:
        'qwen: not enough data: 0 answers scored for safety in the window, 10 needed. The alert is closed for want of data.',
    })
  })
})

describe('faults', () => {
  test('a transition that could not be written is made again, none is told before', async () => {
    const bench = newBench()
    const alerting = startOn(bench)
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 2)
    bench.isDiskFull = true
    await minutes(bench, alerting, 1)
    expect(bench.heard.map(({ state }) => state)).toEqual(['pending'])
    bench.isDiskFull = false
    await minutes(bench, alerting, 1)
    expect(bench.heard.map(({ state }) => state)).toEqual(['pending', 'firing'])
  })

  test('a store that is away changes no state', async () => {
    const bench = newBench()
    const alerting = startOn(bench)
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 3)
    bench.isStoreAway = true
    await minutes(bench, alerting, 30)
    expect(alerting.active()).toMatchObject([{ state: 'firing' }])
    expect(states(bench)).toHaveLength(2)
  })

  test('a busy receiver is tried again', async () => {
    answers = [503, 500, 429]
    const bench = newBench()
    const alerting = startOn(bench, configOf({ for: '0s' }))
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 1)
    await expect.poll(() => received).toMatchObject([{ state: 'firing' }])
    expect(answers).toEqual([])
  })

  test('what no receiver takes is an event that names no secret', async () => {
    answers = [401]
    const bench = newBench()
    const alerting = startOn(bench, configOf({ for: '0s' }))
    bench.truths['qwen'] = unsafe
    await minutes(bench, alerting, 1)
    await expect
      .poll(() => bench.kept.events)
      .toMatchObject([
        { title: 'unsafe fires' },
        { title: 'webhook was not told of unsafe', detail: /^the receiver answered 401\. qwen: / },
      ])
    expect(JSON.stringify(bench.kept)).not.toContain('s3cr3t')
  })

  test('a notifier that cannot be used is refused at the start', () => {
    const config = configOf()
    const wrong = (notifier: { kind: string; config: Record<string, unknown> }) => ({
      ...config,
      alerts: { ...config.alerts, notifiers: [notifier] },
    })
    expect(() => startOn(newBench(), wrong({ kind: 'pigeon', config: {} }))).toThrow(
      'alerts.notifiers: unknown kind "pigeon"; use one of: webhook',
    )
    expect(() => startOn(newBench(), wrong({ kind: 'webhook', config: {} }))).toThrow(
      /Notifier webhook/,
    )
  })
})

describe('after a restart', () => {
  test('an alert that fires goes on under its id, is told again and fires no second time', async () => {
    const bench = newBench()
    bench.truths['qwen'] = unsafe
    const first = startOn(bench)
    await minutes(bench, first, 3)
    await first.stop()
    const second = startOn(bench)
    await expect.poll(() => second.active()).toMatchObject([{ state: 'firing' }])
    await minutes(bench, second, 3)
    expect(states(bench)).toEqual(['qwen pending', 'qwen firing'])
    bench.truths['qwen'] = healthy
    await minutes(bench, second, 1)
    expect(new Set(bench.kept.alerts.map(({ alertId }) => alertId)).size).toBe(1)
    expect(states(bench).at(-1)).toBe('qwen resolved')
    await expect.poll(() => received.at(-1)).toMatchObject({ state: 'resolved' })
  })

  test('a short stop does not cost a pending alert its time, a long one does', async () => {
    const bench = newBench()
    bench.truths['qwen'] = unsafe
    const first = startOn(bench, configOf({ for: '10m' }))
    await minutes(bench, first, 5)
    await first.stop()
    const second = startOn(bench, configOf({ for: '10m' }))
    await minutes(bench, second, 6)
    expect(states(bench)).toEqual(['qwen pending', 'qwen firing'])
    await second.stop()

    const other = newBench()
    other.truths['qwen'] = unsafe
    const before = startOn(other)
    await minutes(other, before, 1)
    await before.stop()
    other.nowMs += 24 * 60 * minute
    await minutes(other, startOn(other), 1)
    expect(states(other)).toEqual(['qwen pending', 'qwen pending'])
  })

  test('an alert whose rule is gone is resolved', async () => {
    const bench = newBench()
    bench.truths['qwen'] = unsafe
    const first = startOn(bench)
    await minutes(bench, first, 3)
    await first.stop()
    await minutes(bench, startOn(bench, configOf({ name: 'renamed', for: '1h' })), 1)
    expect(states(bench).slice(2)).toEqual(['qwen resolved', 'qwen pending'])
  })

  test('without knowing where the alerts stood nothing is evaluated', async () => {
    const bench = newBench()
    bench.truths['qwen'] = unsafe
    bench.isStoreAway = true
    const alerting = startOn(bench)
    await minutes(bench, alerting, 3)
    expect(states(bench)).toEqual([])
    bench.isStoreAway = false
    await minutes(bench, alerting, 1)
    expect(states(bench)).toEqual(['qwen pending'])
  })
})
