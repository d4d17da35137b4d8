// The queries on the real engine, over the real tables.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { hajekInterval } from '../stats/hajek.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { createLog } from '../telemetry/log.ts'
import { openAlerts } from './past-alerts.ts'
import { twoAxisReadings, type ReadingsQuery } from './readings.ts'

type Row = Readonly<Record<string, unknown>>

const isEngineInstalled = await import('chdb').then(
  () => true,
  () => false,
)
const engineTest = test.skipIf(!isEngineInstalled)

const minuteMs = 60_000
/** A time within a minute, so that windows do not fall on whole minutes. */
const now = Date.UTC(2026, 8, 1, 12, 0, 23)

let directory: string
let store: Store

beforeAll(async () => {
  if (!isEngineInstalled) return
  directory = await mkdtemp(join(tmpdir(), 'equipoise-alerts-'))
  store = await openStore({
    config: configSchema.parse({}).store,
    dataDirectory: directory,
    log: createLog('test', 'silent'),
  })
})

afterAll(async () => {
  if (!isEngineInstalled) return
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

async function insert(table: string, rows: readonly Row[]): Promise<void> {
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  await store.command(`INSERT INTO ${table} FORMAT JSONEachRow ${lines}`)
}

/** As the engine reads times: UTC with milliseconds. */
const time = (timeMs: number) => new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '')

const call = (model: string, beforeMs: number, ttft: number | null, total = 3): Row => ({
  project: 'default',
  call_id: `${model} ${beforeMs}`,
  model,
  started_at: time(now - beforeMs),
  outcome: 'success',
  ttft_seconds: ttft,
  total_seconds: total,
})

interface ScoreParts {
  readonly model: string
  readonly callId: string
  readonly beforeMs: number
  readonly value: number | null
  readonly evaluator?: string
  readonly probability?: number
  readonly lagMs?: number
}

const score = (parts: ScoreParts): Row => ({
  project: 'default',
  call_id: parts.callId,
  model: parts.model,
  call_started_at: time(now - parts.beforeMs),
  scored_at: time(now - parts.beforeMs + (parts.lagMs ?? 0)),
  evaluator: parts.evaluator ?? 'judge_safety',
  dimension: 'safety',
  value: parts.value,
  outcome: parts.value === null ? 'failed' : 'scored',
  sampling_probability: parts.probability ?? 1,
})

const readings = (model: string, rest: Partial<ReadingsQuery> = {}) =>
  twoAxisReadings(store, {
    project: 'default',
    model,
    dimension: 'safety',
    atMs: now,
    windowMs: minuteMs,
    baselineMs: 5 * minuteMs,
    ...rest,
  })

const every = (count: number, stepMs: number) =>
  Array.from({ length: count }, (_, index) => (index + 1) * stepMs)

engineTest('nothing is null, never zero', async () => {
  const none = { now: null, baseline: null }
  for (const baselineMs of [minuteMs, 60 * minuteMs]) {
    for (const windowMs of [minuteMs, 60 * minuteMs]) {
      expect(await readings('nobody', { windowMs, baselineMs })).toEqual({
        latencies: [
          { measure: 'ttft', ...none },
          { measure: 'total', ...none },
        ],
        quality: null,
      })
    }
  }
})

engineTest('latency of the window, and before it; another model does not matter', async () => {
  const inWindow = every(50, 1_000).map((beforeMs) => call('a', beforeMs, 0.3, 2))
  const before = every(100, 1_000).map((beforeMs) => call('a', minuteMs + beforeMs, 0.2, 4))
  await insert('calls', [...inWindow, ...before, call('other', 10, 9), call('a', -5_000, 9)])
  const { latencies } = await readings('a')
  expect(latencies).toEqual([
    {
      measure: 'ttft',
      now: { p95Seconds: expect.closeTo(0.3, 2), n: 50 },
      baseline: { p95Seconds: expect.closeTo(0.2, 2), n: 100 },
    },
    {
      measure: 'total',
      now: { p95Seconds: expect.closeTo(2, 1), n: 50 },
      baseline: { p95Seconds: expect.closeTo(4, 1), n: 100 },
    },
  ])
})

engineTest('calls without a first token have none in rows nor in rollups', async () => {
  await insert(
    'calls',
    every(600, 5_000).map((beforeMs) => call('b', beforeMs, null, 2)),
  )
  const short = await readings('b')
  const long = await readings('b', { windowMs: 20 * minuteMs, baselineMs: 20 * minuteMs })
  for (const { latencies } of [short, long]) {
    expect(latencies[0]).toEqual({ measure: 'ttft', now: null, baseline: null })
    expect(latencies[1]?.now?.p95Seconds).toBeCloseTo(2, 1)
  }
})

const slow = (index: number) => (index % 10 === 0 ? 1 : 0.1)

engineTest('rows and rollups agree on a long window', async () => {
  await insert(
    'calls',
    every(1_200, 1_000).map((beforeMs, index) => call('c', beforeMs, slow(index))),
  )
  const aligned = Math.floor(now / minuteMs) * minuteMs
  const short = await readings('c', { atMs: aligned, windowMs: 9 * minuteMs })
  const long = await readings('c', { atMs: aligned, windowMs: 10 * minuteMs })
  expect(short.latencies[0]?.now).toEqual({ p95Seconds: expect.closeTo(1, 1), n: 540 })
  expect(long.latencies[0]?.now).toEqual({ p95Seconds: expect.closeTo(1, 1), n: 600 })
})

engineTest('quality weighs each answer with the inverse of its probability', async () => {
  const drawn = every(40, 1_000).map((beforeMs, index) => ({
    model: 'd',
    callId: `d ${beforeMs}`,
    beforeMs,
    value: index % 4 === 0 ? 0 : 1,
    probability: index % 2 === 0 ? 0.1 : 0.5,
  }))
  const failed = { model: 'd', callId: 'd failed', beforeMs: 500, value: null }
  await insert('scores', [...drawn, failed].map(score))
  const expected = hajekInterval(
    drawn.map(({ value }) => value),
    drawn.map(({ probability }) => probability),
  )
  const { quality } = await readings('d')
  expect(quality?.n).toBe(40)
  for (const key of ['value', 'lower', 'upper', 'nEffective'] as const) {
    expect(quality?.[key]).toBeCloseTo(expected?.[key] ?? NaN, 9)
  }
  const { quality: ofMinutes } = await readings('d', {
    atMs: now + minuteMs,
    windowMs: 15 * minuteMs,
  })
  expect(ofMinutes?.value).toBeCloseTo(expected?.value ?? NaN, 9)
  expect(ofMinutes?.lower).toBeCloseTo(expected?.lower ?? NaN, 9)
})

engineTest('an answer that two evaluators scored is one answer', async () => {
  const rows = every(30, 1_000).flatMap((beforeMs) =>
    ['judge_safety', 'pii'].map((evaluator) =>
      score({
        model: 'e',
        callId: `e ${beforeMs}`,
        beforeMs,
        value: evaluator === 'pii' ? 1 : 0,
        evaluator,
      }),
    ),
  )
  await insert('scores', rows)
  const short = await readings('e')
  const long = await readings('e', { atMs: now + minuteMs, windowMs: 15 * minuteMs })
  for (const { quality } of [short, long]) {
    expect(quality).toMatchObject({ value: 0.5, n: 30 })
    expect(quality?.nEffective).toBeCloseTo(30)
  }
})

engineTest(
  'a verdict that came late counts when it was made, one on a call long past does not',
  async () => {
    const late = { model: 'f', callId: 'f late', beforeMs: 2 * minuteMs, value: 0, lagMs: 100_000 }
    const longPast = {
      model: 'f',
      callId: 'f past',
      beforeMs: 60 * minuteMs,
      value: 1,
      lagMs: 60 * minuteMs - 1,
    }
    await insert('scores', [late, longPast].map(score))
    expect((await readings('f')).quality).toMatchObject({ value: 0, n: 1 })
  },
)

engineTest('open alerts: the newest transition of each rule and model, if it is open', async () => {
  const transition = (model: string, state: string, afterMs: number): Row => ({
    project: 'default',
    alert_id: `id of ${model}`,
    rule: 'unsafe',
    model,
    severity: 'critical',
    state,
    started_at: time(now),
    changed_at: time(now + afterMs),
    summary: 'A sentence.',
    readings:
      '[{"axis":"quality","metric":"safety","value":0.4,"lower":null,"upper":null,"n":9,"baseline":null,"threshold":0.8,"unit":"ratio"}]',
  })
  await insert('alerts', [
    transition('a', 'firing', 2),
    transition('a', 'pending', 1),
    transition('b', 'firing', 1),
    transition('b', 'resolved', 2),
    { ...transition('c', 'firing', 2), project: 'another' },
    { ...transition('d', 'pending', 2), readings: '' },
  ])
  const open = await openAlerts(store, 'default')
  expect(open.map(({ model, state }) => [model, state])).toEqual([
    ['a', 'firing'],
    ['d', 'pending'],
  ])
  expect(open[0]).toMatchObject({
    alertId: 'id of a',
    startedAtMs: now,
    changedAtMs: now + 2,
    readings: [{ value: 0.4, n: 9, threshold: 0.8 }],
  })
})
