// Whichever rollup a window is read from, the numbers are those of the records, late ones included.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../../config/schema.ts'
import { createLog } from '../../telemetry/log.ts'
import { openStore, type OpenStore } from '../open-store.ts'
import { boardCalls } from './board-calls.ts'
import { boardSamples } from './board-samples.ts'
import { boardScores } from './board-scores.ts'
import { rollupOf, type BoardWindow } from './board-window.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const startMs = Date.UTC(2026, 0, 1)

const windowOf = (stepMs: number): BoardWindow => ({
  project: 'p',
  fromMs: startMs,
  toMs: startMs + 2 * hourMs,
  stepMs,
  source: 'rollup',
  models: [],
})

let dataDirectory: string
let store: OpenStore

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'equipoise-rollups-'))
  store = await openStore({
    config: configSchema.parse({ store: { retention: '3650d' } }).store,
    dataDirectory,
    log: createLog('test', 'silent'),
  })
  await store.command(
    `INSERT INTO series (project, series_id, namespace, metric) VALUES ('p', 7, 'n', 'kv.usage')`,
  )
  // The second half of the rows comes late, into minutes that are there already.
  for (const half of [0, 1]) await insert(half)
})

afterAll(async () => {
  await store.close()
  await rm(dataDirectory, { recursive: true, force: true })
})

/** 1,200 calls, scores and readings over two hours, every other one of them. */
async function insert(half: number): Promise<void> {
  const time = `fromUnixTimestamp64Milli(${startMs} + number * 6000, 'UTC')`
  const rows = `FROM numbers(1200) WHERE number % 2 = ${half}`
  await store.command(
    `INSERT INTO calls (project, call_id, started_at, model, component, copy, outcome, ttft_seconds, total_seconds)
    SELECT 'p', toString(number), ${time}, ['a', 'b'][1 + number % 2], 'c', toString(number % 3),
      if(number % 5 = 0, 'timeout', 'success'), 0.1 + number % 7, 1 ${rows}`,
  )
  await store.command(
    `INSERT INTO scores (project, call_id, call_started_at, scored_at, model, dimension, evaluator,
      evaluator_version, value, outcome, sampling_probability)
    SELECT 'p', toString(number), ${time}, ${time}, 'a', 'safety', 'judge', if(number < 600, 'old', 'new'),
      number % 3 / 2, 'scored', 0.5 ${rows}`,
  )
  await store.command(
    `INSERT INTO samples (series_id, time, value) SELECT 7, ${time}, number % 11 ${rows}`,
  )
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120].map((minutes) => minutes * minuteMs)

test.each(steps)('steps of %i ms', async (stepMs) => {
  const window = windowOf(stepMs)
  const raw: BoardWindow = { ...window, source: 'raw' }
  expect(await boardCalls(store, window)).toEqual(await boardCalls(store, raw))
  expect(await boardScores(store, window)).toEqual(await boardScores(store, raw))
  const [one] = await boardSamples(store, window, ['kv.usage'])
  const [other] = await boardSamples(store, raw, ['kv.usage'])
  expect(one?.steps).toEqual(other?.steps)
  expect(one?.maxima).toEqual(other?.maxima)
  expect(one?.means).toEqual(other?.means.map((mean) => expect.closeTo(mean ?? Number.NaN, 9)))
})

test('the coarsest rollup that the window is made of', () => {
  const of = (stepMinutes: number) => rollupOf('calls', windowOf(stepMinutes * minuteMs))
  expect([1, 2, 5, 10, 15, 30, 60, 180].map(of)).toEqual(
    [1, 1, 5, 5, 5, 30, 30, 30].map((minutes) => `calls_${minutes}m`),
  )
  expect(rollupOf('samples', windowOf(30 * minuteMs))).toBe('samples_5m')
  expect(rollupOf('calls', { ...windowOf(5 * minuteMs), fromMs: startMs + minuteMs })).toBe(
    'calls_1m',
  )
  expect(rollupOf('calls', { ...windowOf(30 * minuteMs), toMs: startMs + 5 * minuteMs })).toBe(
    'calls_5m',
  )
})
