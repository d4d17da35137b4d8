import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../../config/schema.ts'
import { createLog } from '../../telemetry/log.ts'
import { openStore, type OpenStore } from '../open-store.ts'
import { goodAnswers } from './board-answers.ts'

const startMs = Date.UTC(2026, 0, 1)
const window = {
  project: 'p',
  fromMs: startMs,
  toMs: startMs + 3_600_000,
  stepMs: 60_000,
  source: 'rollup' as const,
  models: [],
}
const objectives = [{ model: 'a', ttftSeconds: 2, totalSeconds: 30 }]

let dataDirectory: string
let store: OpenStore

beforeAll(async () => {
  const log = createLog('test')
  log.level = 'silent'
  dataDirectory = await mkdtemp(join(tmpdir(), 'equipoise-answers-'))
  store = await openStore({
    config: configSchema.parse({ store: { retention: '3650d' } }).store,
    dataDirectory,
    log,
  })
})

afterAll(async () => {
  await store.close()
  await rm(dataDirectory, { recursive: true, force: true })
})

/** Calls at probability 1/2, of which every fourth is bad and of the others every third late. */
async function insert(count: number): Promise<void> {
  const time = `fromUnixTimestamp64Milli(${startMs} + number * 3600000 DIV ${count}, 'UTC')`
  await store.command(
    `INSERT INTO calls (project, call_id, started_at, model, outcome, ttft_seconds, total_seconds,
      sampling_probability, sampled)
    SELECT 'p', toString(number), ${time}, 'a', 'success', if(number % 3 = 0, 5, 0.5), 1, 0.5, true
    FROM numbers(${count})`,
  )
  await store.command(
    `INSERT INTO scores (project, call_id, call_started_at, scored_at, model, dimension, evaluator,
      value, label, outcome, sampling_probability)
    SELECT 'p', toString(number), ${time}, ${time}, 'a', 'composite', 'composite',
      number % 4 != 0, if(number % 4 = 0, 'bad', 'good'), 'scored', 0.5 FROM numbers(${count})`,
  )
}

test('no verdicts, no row', async () => {
  expect(await goodAnswers(store, window, objectives)).toEqual([])
})

test('few are counted one by one, many by an even subsample with raised weights', async () => {
  await insert(1_200)
  // 1200 x 3/4 x 2/3 = 600 are good and in time; each stands for two calls.
  expect(await goodAnswers(store, window, objectives)).toEqual([
    {
      model: 'a',
      scored: 1_200,
      weight: 2_400,
      weightSquared: 4_800,
      goodWeight: 1_200,
      goodWeightSquared: 2_400,
    },
  ])
  await store.command('TRUNCATE TABLE answers')
  await store.command('TRUNCATE TABLE scores_1m')
  await insert(120_000)
  const [many] = await goodAnswers(store, window, objectives)
  expect(many?.scored).toBeGreaterThan(38_000)
  expect(many?.scored).toBeLessThan(42_000)
  expect((many?.weight ?? 0) / 240_000).toBeCloseTo(1, 1)
  expect((many?.goodWeight ?? 0) / (many?.weight ?? 1)).toBeCloseTo(0.5, 1)
})

test('a model without an objective is held to none', async () => {
  const [free] = await goodAnswers(store, window, [
    { model: 'other', ttftSeconds: 1, totalSeconds: 1 },
  ])
  expect((free?.goodWeight ?? 0) / (free?.weight ?? 1)).toBeCloseTo(0.75, 1)
})
