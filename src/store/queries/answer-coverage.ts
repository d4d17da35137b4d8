// How far the evaluators have come with the answers that were drawn for them.
import type { Call } from '../../records/call.ts'
import type { Store } from '../store.ts'

/** Drawn answers of one model since a moment. */
export interface AnswerCoverage {
  readonly model: string
  readonly drawn: number
  /** Without a composite yet, not even a skipped one. */
  readonly waiting: number
  /** With a composite that has a value. */
  readonly scored: number
}

/** Drawn, waiting and scored answers by model, of calls that started since a moment (epoch ms). */
export function answerCoverage(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number },
): Promise<readonly AnswerCoverage[]> {
  return store.query<AnswerCoverage>(
    `SELECT model, toUInt32(count()) AS drawn, toUInt32(countIf(state = 0)) AS waiting,
       toUInt32(countIf(state = 2)) AS scored
     FROM (
       SELECT drawn_calls.model AS model, max(composites.state) AS state
       FROM (${drawnSince('since')}) AS drawn_calls
       LEFT JOIN (
         SELECT call_id, max(if(outcome = 'scored', 2, 1)) AS state FROM scores
         WHERE project = {project:String} AND dimension = 'composite' AND evaluator = 'composite'
           AND call_started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
         GROUP BY call_id) AS composites ON drawn_calls.call_id = composites.call_id
       GROUP BY drawn_calls.model, drawn_calls.call_id)
     GROUP BY model ORDER BY model`,
    { project: query.project, since: query.sinceMs },
  )
}

/** What a score needs of a call whose answer nobody will score any more. */
export type ExpiredCall = Pick<
  Call,
  | 'project'
  | 'callId'
  | 'model'
  | 'component'
  | 'startedAtMs'
  | 'totalSeconds'
  | 'samplingProbability'
>

/** Drawn answers that started within [fromMs, toMs) and have no composite. */
export function callsWithoutVerdict(
  store: Store,
  query: {
    readonly project: string
    readonly fromMs: number
    readonly toMs: number
    readonly limit: number
  },
): Promise<readonly ExpiredCall[]> {
  return store.query<ExpiredCall>(
    `SELECT project, call_id AS callId, model, component,
       toUnixTimestamp64Milli(started_at) AS startedAtMs, total_seconds AS totalSeconds,
       sampling_probability AS samplingProbability
     FROM (${drawnSince('from')})
     WHERE started_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
       AND call_id NOT IN (
         SELECT call_id FROM scores
         WHERE project = {project:String} AND dimension = 'composite' AND evaluator = 'composite'
           AND call_started_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC'))
     ORDER BY started_at LIMIT 1 BY call_id LIMIT {limit:UInt32}`,
    { project: query.project, from: query.fromMs, to: query.toMs, limit: query.limit },
  )
}

/** As the evaluators' queue sees it: sampled, answered, with its text captured. */
function drawnSince(parameter: string): string {
  return `SELECT project, call_id, model, component, started_at, total_seconds, sampling_probability
    FROM calls
    WHERE project = {project:String} AND sampled AND outcome = 'success' AND notEmpty(answer)
      AND started_at >= fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`
}
