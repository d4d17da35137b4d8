import type { Store } from '../store.ts'
import {
  type BoardWindow,
  modelWanted,
  rollupOf,
  windowParameters,
  withinMinutes,
} from './board-window.ts'

/** Latency that a model's users expect, seconds. */
export interface LatencyObjective {
  readonly model: string
  readonly ttftSeconds: number
  readonly totalSeconds: number
}

/** How many answers with a composite score were good and in time; weights are 1 / inclusion probability. */
export interface GoodAnswers {
  readonly model: string
  readonly scored: number
  readonly weight: number
  readonly weightSquared: number
  /** Weight of the answers that were labelled good and met both objectives. */
  readonly goodWeight: number
  readonly goodWeightSquared: number
}

/** More verdicts than this are thinned: the interval is narrow by then, and reading them all would be slow. */
const mostVerdicts = 40_000

/**
 * Answers that passed their quality gate and met their latency objective, by model.
 * An answer without a time to first token (not streamed) is held to the total alone.
 * Large windows are read through an even subsample by hash, whose weights are raised to match.
 */
export async function goodAnswers(
  store: Store,
  window: BoardWindow,
  objectives: readonly LatencyObjective[],
): Promise<readonly GoodAnswers[]> {
  if (objectives.length === 0) return []
  return store.query<GoodAnswers>(
    `WITH (
      SELECT greatest(1, toUInt32(sum(scored) / {most:UInt32})) FROM ${rollupOf('scores', window)}
      WHERE project = {project:String} AND ${modelWanted} AND dimension = 'composite'
        AND ${withinMinutes}
    ) AS thinning
    SELECT model, toUInt32(count()) AS scored, sum(w) AS weight, sum(w * w) AS weightSquared,
      sumIf(w, good AND met) AS goodWeight, sumIf(w * w, good AND met) AS goodWeightSquared
    FROM (
      SELECT model, call, max(answers.verdict) AS newest, newest % 2 = 1 AS good,
        thinning / max(probability) AS w, max(answers.total_seconds) AS total,
        max(succeeded) = 1
          AND ifNull(max(ttft_seconds), 0) <= transform(model, {names:Array(String)}, {ttft:Array(Float64)}, inf)
          AND total <= transform(model, {names:Array(String)}, {total:Array(Float64)}, inf) AS met
      FROM answers
      WHERE project = {project:String} AND ${modelWanted} AND ${withinMinutes}
        AND (thinning = 1 OR call % thinning = 0)
      GROUP BY model, call
      HAVING newest > 0 AND total IS NOT NULL)
    GROUP BY model`,
    {
      ...windowParameters(window),
      most: mostVerdicts,
      names: objectives.map((objective) => objective.model),
      ttft: objectives.map((objective) => objective.ttftSeconds),
      total: objectives.map((objective) => objective.totalSeconds),
    },
  )
}
