import type { Store } from '../store.ts'
import {
  type BoardWindow,
  modelWanted,
  rollupOf,
  stepOf,
  stepOfMinute,
  windowParameters,
  within,
  withinMinutes,
} from './board-window.ts'
import {
  quantilesOf,
  quantilesOfAll,
  stateOfHistograms,
  stateOfValues,
  type Quantiles,
} from './latency-quantiles.ts'

/** Sums of one evaluator's scores by step, with weight w = 1 / inclusion probability. The arrays run side by side. */
export interface BoardScores {
  readonly model: string
  readonly dimension: string
  readonly evaluator: string
  readonly steps: readonly number[]
  readonly scored: readonly number[]
  readonly weight: readonly number[]
  readonly weightSquared: readonly number[]
  readonly weightedValue: readonly number[]
  readonly weightedValueSquared: readonly number[]
  readonly weightSquaredValue: readonly number[]
  readonly weightSquaredValueSquared: readonly number[]
}

/** The evaluators' own speed and success in one step. */
export interface BoardEvaluation extends EvaluationTimes {
  readonly step: number
  readonly scored: number
  readonly failed: number
}

export interface EvaluationTimes {
  readonly latency: Quantiles
  readonly lag: Quantiles
}

/** Evaluation of one model's answers: the steps that have any, and the whole window. */
export interface ModelEvaluation {
  readonly model: string
  readonly steps: readonly BoardEvaluation[]
  readonly whole: EvaluationTimes
}

/**
 * Quality sums by model, dimension, evaluator and step. Two versions of an evaluator are two questions and never
 * summed: the newest keeps the name of its dimension, an earlier one stands beside it as `safety (version)`.
 */
export async function boardScores(
  store: Store,
  window: BoardWindow,
): Promise<readonly BoardScores[]> {
  const perStep = window.source === 'raw' ? rawSums : rollupSums(window)
  const rows = await store.query<VersionScores>(
    `SELECT model, dimension, evaluator, version, max(newest) AS newestMs, groupArray(step) AS steps, groupArray(n) AS scored,
      groupArray(w) AS weight, groupArray(ww) AS weightSquared,
      groupArray(wv) AS weightedValue, groupArray(wvv) AS weightedValueSquared,
      groupArray(wwv) AS weightSquaredValue, groupArray(wwvv) AS weightSquaredValueSquared
    FROM (${perStep}) WHERE n > 0
    GROUP BY model, dimension, evaluator, version
    ORDER BY model, dimension, evaluator, newestMs DESC, version`,
    windowParameters(window),
  )
  return rows.map(({ version, newestMs: _newestMs, ...sums }, at) => {
    const before = rows[at - 1]
    const isNewest =
      before?.model !== sums.model ||
      before.dimension !== sums.dimension ||
      before.evaluator !== sums.evaluator
    return isNewest ? sums : { ...sums, dimension: `${sums.dimension} (${version})` }
  })
}

interface VersionScores extends BoardScores {
  readonly version: string
  /** When the version scored last; from rollups the minute of the newest call that it scored (epoch ms). */
  readonly newestMs: number
}

/** Evaluation latency, lag and counts by model, each step and the whole window in one pass over the sketches. */
export async function boardEvaluation(
  store: Store,
  window: BoardWindow,
): Promise<readonly ModelEvaluation[]> {
  const rows = await store.query<EvaluationRow>(
    `SELECT model, groupArray(step) AS steps, groupArray(done) AS scored, groupArray(broken) AS failed,
      groupArray(${quantilesOf('latency_state')}) AS latency,
      groupArray(${quantilesOf('lag_state')}) AS lag,
      ${quantilesOfAll('latency_state')} AS latencyWhole,
      ${quantilesOfAll('lag_state')} AS lagWhole
    FROM (${window.source === 'raw' ? rawEvaluation : rollupEvaluation(window)})
    GROUP BY model ORDER BY model`,
    windowParameters(window),
  )
  return rows.map((row) => ({
    model: row.model,
    steps: row.steps.map((step, at) => ({
      step,
      scored: row.scored[at] ?? 0,
      failed: row.failed[at] ?? 0,
      latency: row.latency[at] ?? [],
      lag: row.lag[at] ?? [],
    })),
    whole: { latency: row.latencyWhole, lag: row.lagWhole },
  }))
}

interface EvaluationRow {
  readonly model: string
  readonly steps: readonly number[]
  readonly scored: readonly number[]
  readonly failed: readonly number[]
  readonly latency: readonly Quantiles[]
  readonly lag: readonly Quantiles[]
  readonly latencyWhole: Quantiles
  readonly lagWhole: Quantiles
}

const rawSums = `
  SELECT model, dimension, evaluator, evaluator_version AS version,
    ${stepOf('call_started_at')} AS step, toUnixTimestamp64Milli(max(scored_at)) AS newest,
    toUInt32(count()) AS n,
    sum(1 / sampling_probability) AS w,
    sum(1 / (sampling_probability * sampling_probability)) AS ww,
    sum(assumeNotNull(value) / sampling_probability) AS wv,
    sum(assumeNotNull(value) * assumeNotNull(value) / sampling_probability) AS wvv,
    sum(assumeNotNull(value) / (sampling_probability * sampling_probability)) AS wwv,
    sum(assumeNotNull(value) * assumeNotNull(value) / (sampling_probability * sampling_probability)) AS wwvv
  FROM scores
  WHERE project = {project:String} AND ${modelWanted} AND ${within('call_started_at')}
    AND outcome = 'scored' AND value IS NOT NULL
  GROUP BY model, dimension, evaluator, version, step ORDER BY step`

const rollupSums = (window: BoardWindow) => `
  SELECT model, dimension, evaluator, evaluator_version AS version, ${stepOfMinute} AS step,
    toInt64(toUnixTimestamp(maxIf(minute, rollup.scored > 0))) * 1000 AS newest,
    toUInt32(sum(scored)) AS n,
    sum(weight) AS w,
    sum(weight_squared) AS ww,
    sum(weighted_value) AS wv,
    sum(weighted_value_squared) AS wvv,
    sum(weight_squared_value) AS wwv,
    sum(weight_squared_value_squared) AS wwvv
  FROM ${rollupOf('scores', window)} AS rollup
  WHERE project = {project:String} AND ${modelWanted} AND ${withinMinutes}
  GROUP BY model, dimension, evaluator, version, step ORDER BY step`

const ran = `outcome IN ('scored', 'failed')`

// The composite is arithmetic over other scores: it says nothing about an evaluator's speed.
const rawEvaluation = `
  SELECT model, ${stepOf('call_started_at')} AS step,
    toUInt32(countIf(outcome = 'scored')) AS done,
    toUInt32(countIf(outcome = 'failed')) AS broken,
    ${stateOfValues(`if(${ran} AND latency_seconds > 0, latency_seconds, NULL)`)} AS latency_state,
    ${stateOfValues(`if(${ran}, lag_seconds, NULL)`)} AS lag_state
  FROM scores WHERE project = {project:String} AND ${modelWanted}
    AND ${within('call_started_at')} AND dimension != 'composite'
  GROUP BY model, step ORDER BY step`

const rollupEvaluation = (window: BoardWindow) => `
  SELECT model, ${stepOfMinute} AS step,
    toUInt32(sum(scored)) AS done,
    toUInt32(sum(failed)) AS broken,
    ${stateOfHistograms('latency')} AS latency_state,
    ${stateOfHistograms('lag')} AS lag_state
  FROM ${rollupOf('scores', window)} WHERE project = {project:String} AND ${modelWanted}
    AND ${withinMinutes} AND dimension != 'composite'
  GROUP BY model, step ORDER BY step`
