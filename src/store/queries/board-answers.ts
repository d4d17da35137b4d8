import type { Store } from '../store.ts'
import {
  type BoardWindow,
  modelWanted,
  windowParameters,
  within,
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

/** More verdicts than this are thinned: the interval is narrow by then, and the join would be slow. */
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
      SELECT greatest(1, toUInt32(sum(scored) / {most:UInt32})) FROM scores_1m
      WHERE project = {project:String} AND ${modelWanted} AND dimension = 'composite'
        AND ${withinMinutes}
    ) AS thinning
    SELECT model, toUInt32(count()) AS scored, sum(w) AS weight, sum(w * w) AS weightSquared,
      sumIf(w, good AND met) AS goodWeight, sumIf(w * w, good AND met) AS goodWeightSquared
    FROM (
      SELECT model, call_id, label = 'good' AS good, thinning / sampling_probability AS w FROM scores
      WHERE project = {project:String} AND ${modelWanted} AND dimension = 'composite'
        AND outcome = 'scored' AND ${within('call_started_at')}
        AND (thinning = 1 OR cityHash64(call_id) % thinning = 0)
      -- An answer that was scored again counts once, by its newest verdict.
      ORDER BY scored_at DESC LIMIT 1 BY call_id
    ) AS verdicts
    INNER JOIN (
      SELECT call_id, outcome = 'success'
        AND ifNull(ttft_seconds, 0) <= transform(model, {names:Array(String)}, {ttft:Array(Float64)}, inf)
        AND total_seconds <= transform(model, {names:Array(String)}, {total:Array(Float64)}, inf) AS met
      FROM calls
      WHERE project = {project:String} AND ${modelWanted} AND sampled AND ${within('started_at')}
        AND (thinning = 1 OR cityHash64(call_id) % thinning = 0)
    ) AS answers USING (call_id)
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
