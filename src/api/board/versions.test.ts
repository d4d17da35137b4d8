// Two versions of an evaluator on one board: shown apart, never averaged.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { boardScores } from '../../store/queries/board-scores.ts'
import { openTestStore, type TestStore } from '../test-store.ts'

const startMs = Date.UTC(2026, 0, 1)
const minuteMs = 60_000
let store: TestStore

/** As the engine reads it. */
const timeText = (timeMs: number) => new Date(timeMs).toISOString().replace('T', ' ').slice(0, 23)

/** One score a minute. */
const score = (version: string, minute: number, value: number, scoredAtMs: number) => ({
  project: 'p',
  call_id: `call-${minute}`,
  model: 'm',
  component: 'm',
  call_started_at: timeText(startMs + minute * minuteMs),
  scored_at: timeText(scoredAtMs),
  evaluator: 'judge_safety',
  evaluator_version: version,
  dimension: 'safety',
  value,
  label: '',
  reason: 'r',
  outcome: 'scored',
  latency_seconds: 0,
  lag_seconds: 0,
  cost_usd: 0,
  sampling_probability: 1,
})

beforeAll(async () => {
  store = await openTestStore()
  const later = startMs + 100 * minuteMs
  // Minutes 0 to 4 under the old version, 5 to 9 live under the new one, and 3 to 4 scored again under it.
  await store.insert('scores', [
    ...[0, 1, 2, 3, 4].map((minute) => score('z-old', minute, 0, startMs + minute * minuteMs)),
    ...[5, 6, 7, 8, 9].map((minute) => score('a-new', minute, 1, startMs + minute * minuteMs)),
    ...[3, 4].map((minute) => score('a-new', minute, 1, later)),
  ])
})

afterAll(() => store.close())

test.each(['raw', 'rollup'] as const)('%s: the newest version keeps the name', async (source) => {
  const window = {
    project: 'p',
    fromMs: startMs,
    toMs: startMs + 10 * minuteMs,
    stepMs: minuteMs,
    source,
    models: [],
  }
  const rows = await boardScores(store, window)
  const brief = rows.map(({ dimension, steps, weightedValue }) => ({
    dimension,
    steps,
    mean: weightedValue.reduce((sum, value) => sum + value, 0) / steps.length,
  }))
  expect(brief).toEqual([
    { dimension: 'safety', steps: [3, 4, 5, 6, 7, 8, 9], mean: 1 },
    { dimension: 'safety (z-old)', steps: [0, 1, 2, 3, 4], mean: 0 },
  ])
})
