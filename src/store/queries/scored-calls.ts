// Answers that were scored before, for scoring them again under another version.
import type { ScoreOutcome } from '../../records/score.ts'
import type { Store } from '../store.ts'
import type { SampledCall } from './unscored-calls.ts'

export interface ScoredCallsQuery {
  readonly project: string
  readonly sinceMs: number
  /** Continues after this call of the page before; `null` starts with the newest. */
  readonly after: Pick<SampledCall, 'startedAtMs' | 'callId'> | null
  readonly limit: number
}

const wasScored = `
  project = {project:String} AND sampled AND outcome = 'success' AND notEmpty(answer)
  AND started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND call_id IN (
    SELECT call_id FROM scores
    WHERE project = {project:String} AND dimension = 'composite' AND evaluator = 'composite'
      AND call_started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC'))`

/** A page of answers whose text is still kept, the newest first. */
export function scoredCalls(
  store: Store,
  { project, sinceMs, after, limit }: ScoredCallsQuery,
): Promise<readonly SampledCall[]> {
  return store.query<SampledCall>(
    `SELECT project, call_id AS callId, model, component,
       toUnixTimestamp64Milli(started_at) AS startedAtMs, total_seconds AS totalSeconds,
       completion_tokens AS completionTokens, sampling_probability AS samplingProbability,
       prompt, answer, attributes
     FROM calls
     WHERE ${wasScored}
       AND ({first:Bool} OR (toUnixTimestamp64Milli(started_at), call_id) < ({at:Int64}, {id:String}))
     ORDER BY started_at DESC, call_id DESC LIMIT 1 BY call_id LIMIT {limit:UInt32}`,
    {
      project,
      since: sinceMs,
      first: after === null,
      at: after?.startedAtMs ?? 0,
      id: after?.callId ?? '',
      limit,
    },
  )
}

/** How many answers could be scored again. */
export async function countScoredCalls(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number },
): Promise<number> {
  const [row] = await store.query<{ n: number }>(
    `SELECT toUInt32(uniqExact(call_id)) AS n FROM calls WHERE ${wasScored}`,
    { project: query.project, since: query.sinceMs },
  )
  return row?.n ?? 0
}

/** US dollars of a verdict on average, by evaluator, under any version. */
export function verdictCosts(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number },
): Promise<readonly { readonly evaluator: string; readonly usd: number }[]> {
  return store.query(
    `SELECT evaluator, sum(rollup.cost_usd) / greatest(1, sum(rollup.scored)) AS usd
     FROM scores_1m AS rollup
     WHERE project = {project:String}
       AND minute >= toDateTime(fromUnixTimestamp64Milli({since:Int64}, 'UTC'), 'UTC')
     GROUP BY evaluator`,
    { project: query.project, since: query.sinceMs },
  )
}

/** What an evaluator said of a call under one version. */
export interface EarlierScore {
  readonly callId: string
  readonly evaluator: string
  readonly version: string
  readonly dimension: string
  readonly value: number | null
  readonly outcome: ScoreOutcome
}

/** The scores of these calls, composites aside, the newest last. */
export function earlierScores(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number; readonly ids: readonly string[] },
): Promise<readonly EarlierScore[]> {
  return store.query<EarlierScore>(
    `SELECT call_id AS callId, evaluator, evaluator_version AS version, dimension, value, outcome
     FROM scores
     WHERE project = {project:String} AND has({ids:Array(String)}, call_id)
       AND call_started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
       AND dimension != 'composite'
     ORDER BY scored_at`,
    { project: query.project, since: query.sinceMs, ids: query.ids },
  )
}
