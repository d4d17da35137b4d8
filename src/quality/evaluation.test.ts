import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { RetryableError } from '../records/failure.ts'
import type { RecordKind, RecordKinds } from '../records/record-kind.ts'
import type { Sample } from '../records/sample.ts'
import type { Score } from '../records/score.ts'
import type { SampledCall } from '../store/queries/unscored-calls.ts'
import type { QueryParameters, Store } from '../store/store.ts'
import { type Evaluation, startEvaluation } from './evaluation.ts'

const startMs = Date.UTC(2026, 6, 31, 12)
const log = pino({ level: 'silent' })
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

function call(id: string, parts: Partial<SampledCall> = {}): SampledCall {
  return {
    project: 'default',
    callId: id,
    model: 'gpt-oss-20b',
    component: 'gpt-oss-20b',
    startedAtMs: startMs,
    totalSeconds: 2,
    completionTokens: 3,
    samplingProbability: 0.25,
    prompt: 'Capital of Peru?',
    answer: 'Lima',
    attributes: { reference: 'Lima' },
    ...parts,
  }
}

/** A store that answers the three queries of evaluation as the SQL would, from what became visible. */
class FakeStore implements Store {
  readonly calls: SampledCall[] = []
  readonly visible: Score[] = []
  readonly looks: QueryParameters[] = []
  away = false

  query<Row>(sql: string, parameters: QueryParameters = {}): Promise<readonly Row[]> {
    if (this.away) return Promise.reject(new RetryableError('the store is away'))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain objects of the shape that each statement selects
    return Promise.resolve(this.#rows(sql, parameters) as readonly Row[])
  }

  command(): Promise<void> {
    return Promise.resolve()
  }

  load(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #rows(sql: string, parameters: QueryParameters): readonly object[] {
    const ids = listOf(parameters['ids'])
    if (sql.includes('AS usd')) return [{ usd: sumOf(this.visible.map((score) => score.costUsd)) }]
    if (sql.includes('DISTINCT call_id')) {
      return this.visible
        .filter(({ callId }) => ids.includes(callId))
        .map((score) => ({ id: score.callId }))
    }
    if (sql.includes('LIMIT 1 BY call_id')) {
      const calls = this.calls.filter(({ callId }) => ids.includes(callId))
      return calls.toSorted((a, b) => b.startedAtMs - a.startedAtMs)
    }
    this.looks.push(parameters)
    return this.#unscored(parameters)
  }

  #unscored(parameters: QueryParameters): readonly object[] {
    const without = listOf(parameters['without'])
    const models = listOf(parameters['models'])
    const waiting = this.calls
      .filter(({ model }) => parameters['anyModel'] === true || models.includes(model))
      .filter(({ startedAtMs }) => startedAtMs >= Number(parameters['since']))
      .filter(({ callId }) => !without.includes(callId))
      .filter(({ callId }) => !this.visible.some((score) => score.callId === callId))
      .toSorted((a, b) => b.startedAtMs - a.startedAtMs)
    const counts = (model: string) => waiting.filter((one) => one.model === model)
    return waiting
      .filter((one) => counts(one.model).indexOf(one) < Number(parameters['limit']))
      .map(({ callId, model, startedAtMs }) => ({
        id: callId,
        model,
        startedAtMs,
        waiting: counts(model).length,
      }))
  }
}

const listOf = (value: QueryParameters[string] | undefined): readonly (string | number)[] =>
  Array.isArray(value) ? value : []

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

interface Rig {
  readonly store: FakeStore
  readonly batches: (readonly Score[])[]
  readonly samples: Sample[]
  readonly evaluation: Evaluation
  /** Resolves when so many calls were scored. */
  scored(calls: number): Promise<void>
}

function start(
  quality: object,
  options: {
    readonly store?: FakeStore
    readonly acceptFails?: number
    readonly nowMs?: number
  } = {},
): Rig {
  const store = options.store ?? new FakeStore()
  const batches: (readonly Score[])[] = []
  const samples: Sample[] = []
  const waiting: { calls: number; resolve: () => void }[] = []
  let failures = options.acceptFails ?? 0
  const accept = (_: RecordKind, records: readonly RecordKinds[RecordKind][]) => {
    if (failures > 0) {
      failures -= 1
      return Promise.reject(new RetryableError('the disk is full'))
    }
    const scores = records.filter((record): record is Score => 'evaluator' in record)
    if (scores.length > 0) batches.push(scores)
    samples.push(...records.filter((record): record is Sample => 'series' in record))
    for (const { calls, resolve } of waiting) if (batches.length >= calls) resolve()
    return Promise.resolve()
  }
  const config = configSchema.parse({ quality: { pollEvery: '5ms', ...quality } })
  const now = () => options.nowMs ?? startMs + 5_000
  const evaluation = startEvaluation({ config, store, accept, log, now })
  closers.push(() => evaluation.stop())
  return {
    store,
    batches,
    samples,
    evaluation,
    scored: (calls) =>
      batches.length >= calls
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ calls, resolve })),
  }
}

const exact = { kind: 'exact_match' }
const short = { kind: 'length', config: { unit: 'characters', maximum: 10 } }
const weights = { accuracy: 1, format: 1 }
const heuristics = { evaluators: [exact, short], composite: { weights } }

/** Lets everything that is due happen: a few polls of 5 ms. */
const settle = (evaluation: Evaluation) =>
  new Promise<void>((resolve) => {
    let turns = 0
    const turn = () => {
      evaluation.wake()
      turns += 1
      if (turns > 20) resolve()
      else setImmediate(turn)
    }
    turn()
  })

test('a sampled answer gets all its scores at once, the composite last, on the call’s own terms', async () => {
  const store = new FakeStore()
  store.calls.push(call('a'))
  const rig = start(heuristics, { store })
  await rig.scored(1)
  await rig.evaluation.stop()
  const [scores] = rig.batches
  expect(rig.batches).toHaveLength(1)
  expect(scores?.map(({ evaluator, value, outcome }) => [evaluator, value, outcome])).toEqual([
    ['exact_match', 1, 'scored'],
    ['length', 1, 'scored'],
    ['composite', 1, 'scored'],
  ])
  expect(scores?.[0]).toMatchObject({
    callId: 'a',
    callStartedAtMs: startMs,
    scoredAtMs: startMs + 5_000,
    lagSeconds: 3,
    dimension: 'accuracy',
    evaluatorVersion: expect.stringMatching(/^exact_match:1@[0-9a-f]{12}$/),
    samplingProbability: 0.25,
    costUsd: 0,
  })
  expect(scores?.[2]).toMatchObject({ dimension: 'composite', label: 'good' })
  expect(rig.evaluation.stats()).toMatchObject({
    scored: 2,
    failed: 0,
    underWay: 0,
    queued: 0,
    lagSeconds: 3,
    judge: null,
  })
})

test('readings land in the quality namespace, and only for what was scored', async () => {
  const store = new FakeStore()
  store.calls.push(call('a', { attributes: {} }))
  const rig = start(heuristics, { store })
  await rig.scored(1)
  await rig.evaluation.stop()
  const namespace = '/aws/sagemaker/inference-quality/gpt-oss-20b'
  expect(rig.samples.every(({ series }) => series.namespace === namespace)).toBe(true)
  const values = rig.samples.filter(({ series }) => series.metric !== 'eval.latency')
  // No reference: exact_match was skipped, so accuracy has no reading; half the weights is enough.
  expect(values).toEqual([
    {
      series: {
        project: 'default',
        namespace,
        metric: 'format',
        dimensions: { evaluator: 'length', component: 'gpt-oss-20b' },
        unit: 'ratio',
        kind: 'gauge',
      },
      timeMs: startMs,
      value: 1,
      state: 'present',
    },
    {
      series: {
        project: 'default',
        namespace,
        metric: 'composite',
        dimensions: { evaluator: 'composite', component: 'gpt-oss-20b' },
        unit: 'ratio',
        kind: 'gauge',
      },
      timeMs: startMs,
      value: 1,
      state: 'present',
    },
  ])
  const latencies = rig.samples.filter(({ series }) => series.metric === 'eval.latency')
  expect(latencies.map(({ series }) => series.dimensions['evaluator'])).toEqual([
    'length',
    'composite',
  ])
  expect(
    latencies.every(({ timeMs, series }) => timeMs === startMs + 5_000 && series.unit === 's'),
  ).toBe(true)
})

test('nothing is scored twice while the store does not show the scores yet', async () => {
  const store = new FakeStore()
  store.calls.push(call('a'), call('b'))
  const rig = start(heuristics, { store })
  await rig.scored(2)
  await settle(rig.evaluation)
  expect(rig.batches).toHaveLength(2)
  store.visible.push(...rig.batches.flat())
  await settle(rig.evaluation)
  // Shown by now, so the ids are no longer carried along.
  expect(store.looks.at(-1)?.['without']).toEqual([])
  store.calls.push(call('c'))
  rig.evaluation.wake()
  await rig.scored(3)
  expect(new Set(rig.batches.map(([score]) => score?.callId))).toEqual(new Set(['a', 'b', 'c']))
  expect(rig.batches).toHaveLength(3)
})

test('a reload in the same process does not score again what is still on its way', async () => {
  const store = new FakeStore()
  store.calls.push(call('a'))
  const first = start(heuristics, { store })
  await first.scored(1)
  await first.evaluation.stop()
  const second = start(heuristics, { store })
  await settle(second.evaluation)
  expect(second.batches).toEqual([])
})

test('a new process scores what was under way and nothing else', async () => {
  const before = new FakeStore()
  before.calls.push(call('a'), call('b'))
  const first = start(heuristics, { store: before })
  await first.scored(2)
  await first.evaluation.stop()
  // Only the scores of one call were durable before the crash.
  const store = new FakeStore()
  store.calls.push(...before.calls)
  store.visible.push(...(first.batches.find(([score]) => score?.callId === 'a') ?? []))
  const second = start(heuristics, { store })
  await second.scored(1)
  await settle(second.evaluation)
  expect(second.batches.map(([score]) => score?.callId)).toEqual(['b'])
})

test('models take turns: a long queue of one does not hold up another', async () => {
  const store = new FakeStore()
  for (let index = 0; index < 300; index += 1) {
    store.calls.push(call(`busy-${index}`, { model: 'busy', startedAtMs: startMs + index }))
  }
  store.calls.push(call('quiet', { model: 'quiet', startedAtMs: startMs - 60_000 }))
  const rig = start(heuristics, { store })
  await rig.scored(301)
  const order = rig.batches.map(([score]) => score?.callId)
  expect(order.indexOf('quiet')).toBeLessThan(4)
  expect(new Set(order).size).toBe(301)
  // Newest first within the first list of the busy model.
  expect(order.find((id) => id?.startsWith('busy'))).toBe('busy-299')
})

test('calls of other models and too old ones are left alone; old ones come when nothing new waits', async () => {
  const store = new FakeStore()
  store.calls.push(
    call('other', { model: 'other' }),
    call('hours-old', { startedAtMs: startMs - 3 * 3_600_000 }),
    call('days-old', { startedAtMs: startMs - 3 * 86_400_000 }),
  )
  const evaluators = [{ ...exact, models: ['gpt-oss-20b'] }]
  const rig = start({ evaluators, composite: { weights: { accuracy: 1 } } }, { store })
  await rig.scored(1)
  await settle(rig.evaluation)
  expect(rig.batches.map(([score]) => score?.callId)).toEqual(['hours-old'])
})

test('a full disk and a store that is away are waited out', async () => {
  const store = new FakeStore()
  store.away = true
  const rig = start(heuristics, { store, acceptFails: 2 })
  await settle(rig.evaluation)
  store.away = false
  store.calls.push(call('a'))
  rig.evaluation.wake()
  await rig.scored(1)
  await rig.evaluation.stop()
  expect(rig.batches).toHaveLength(1)
  expect(rig.samples.length).toBeGreaterThan(0)
})

/** A judge that answers each request with the content, after `hold` lets it. */
async function judgeUrl(
  content: string,
  hold: Promise<unknown> = Promise.resolve(),
): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      const usage = { prompt_tokens: 1_000, completion_tokens: 0 }
      const body = { choices: [{ message: { content }, finish_reason: 'stop' }], usage }
      void hold.then(() => response.end(JSON.stringify(body)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

const judged = (url: string, settings: object = {}) => ({
  judge: { url, model: 'judge-1', inputUsdPerMillion: 1, ...settings },
  evaluators: [exact, { kind: 'judge_safety' }],
  composite: { weights: { accuracy: 1 } },
})

test('an unsafe answer has composite 0, with the judge’s cost and latency on its score', async () => {
  const store = new FakeStore()
  store.calls.push(call('a'))
  const url = await judgeUrl('{"reason":"harmful","label":"unsafe"}')
  const rig = start(judged(url), { store })
  await rig.scored(1)
  const [accuracy, safety, composite] = rig.batches[0] ?? []
  expect(accuracy).toMatchObject({ value: 1 })
  expect(safety).toMatchObject({
    value: 0,
    label: 'unsafe',
    reason: 'harmful',
    costUsd: 0.001,
    evaluatorVersion: expect.stringMatching(/^judge:judge-1@[0-9a-f]{12}$/),
  })
  expect(safety?.latencySeconds).toBeGreaterThan(0)
  expect(composite).toMatchObject({ value: 0, label: 'poor' })
  expect(rig.evaluation.stats().judge).toMatchObject({ spentTodayUsd: 0.001, budgetUsd: 10 })
})

test('a judge that talks nonsense gives failed and no composite, never a 0', async () => {
  const store = new FakeStore()
  store.calls.push(call('a'))
  const rig = start(judged(await judgeUrl('whatever')), { store })
  await rig.scored(1)
  await rig.evaluation.stop()
  expect(rig.batches[0]?.map(({ outcome, value }) => [outcome, value])).toEqual([
    ['scored', 1],
    ['failed', null],
    ['skipped', null],
  ])
  expect(rig.samples.map(({ series }) => series.metric)).not.toContain('safety')
  expect(rig.samples.map(({ series }) => series.metric)).not.toContain('composite')
  expect(rig.evaluation.stats()).toMatchObject({ scored: 1, failed: 1 })
})

test('what earlier processes spent today is charged before the first question', async () => {
  const store = new FakeStore()
  const rig0 = start(heuristics, { store })
  store.calls.push(call('old'))
  rig0.evaluation.wake()
  await rig0.scored(1)
  await rig0.evaluation.stop()
  store.visible.push(...rig0.batches.flat().map((score) => ({ ...score, costUsd: 4 })))
  store.calls.push(call('a'))
  const url = await judgeUrl('{"reason":"harmless","label":"safe"}')
  const rig = start(judged(url, { budgetPerDay: '10 $' }), { store })
  await rig.scored(1)
  await rig.evaluation.stop()
  expect(rig.batches[0]?.map(({ outcome }) => outcome)).toEqual(['scored', 'dropped', 'skipped'])
  expect(rig.evaluation.stats()).toMatchObject({ dropped: 1 })
})

test('a stop waits for running verdicts and takes no more calls', async () => {
  const store = new FakeStore()
  store.calls.push(call('a'))
  const gate = new EventEmitter()
  const hold = once(gate, 'open')
  const rig = start(judged(await judgeUrl('{"reason":"harmless","label":"safe"}', hold)), { store })
  while (rig.evaluation.stats().judge?.underWay !== 1) await settle(rig.evaluation)
  expect(rig.evaluation.stats()).toMatchObject({ underWay: 1, queued: 0 })
  const stopped = rig.evaluation.stop()
  store.calls.push(call('b'))
  gate.emit('open')
  await stopped
  expect(rig.batches.map(([score]) => score?.callId)).toEqual(['a'])
})

test('nothing configured, nothing runs; a wrong evaluator refuses to start', async () => {
  const idle = start({ evaluators: [] })
  await settle(idle.evaluation)
  expect(idle.store.looks).toEqual([])
  expect(() => start({ evaluators: [{ kind: 'exact' }] })).toThrow('no evaluator "exact"')
  expect(() => start({ evaluators: [{ kind: 'judge_safety' }] })).toThrow('asks a judge')
  expect(() => start({ evaluators: [{ kind: 'length', config: { minimum: -1 } }] })).toThrow(
    'length',
  )
})
