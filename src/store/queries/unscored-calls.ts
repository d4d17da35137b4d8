// The trace is the queue: sampled answers without a verdict are the evaluators' work.
import type { Call } from '../../records/call.ts'
import type { Store } from '../store.ts'
import { hashedTextColumns, withWholeTexts, type Hashed } from './whole-texts.ts'

/** What evaluators need of a call. */
export type SampledCall = Pick<
  Call,
  | 'project'
  | 'callId'
  | 'model'
  | 'component'
  | 'startedAtMs'
  | 'totalSeconds'
  | 'completionTokens'
  | 'samplingProbability'
  | 'prompt'
  | 'answer'
  | 'attributes'
>

export interface UnscoredQuery {
  readonly project: string
  /** Models to look at; `null` = all. */
  readonly models: readonly string[] | null
  /** Calls that started earlier (epoch ms) are left alone. */
  readonly sinceMs: number
  /** Ids that are taken already. */
  readonly without: readonly string[]
  /** Calls of one model at most, so that a busy model cannot fill the list. */
  readonly limitPerModel: number
}

export interface Unscored {
  /** Newest first within each model. */
  readonly calls: readonly SampledCall[]
  /** Calls that wait, taken ones aside, whether listed or not. */
  readonly waiting: number
}

/** Sampled calls with a captured answer and no composite yet: each scored call has one, even if it is skipped. */
export async function unscoredCalls(store: Store, query: UnscoredQuery): Promise<Unscored> {
  const ids = await store.query<PickedId>(
    `SELECT call_id AS id, toUnixTimestamp64Milli(started_at) AS startedAtMs,
       count() OVER (PARTITION BY model) AS waiting, model
     FROM calls
     WHERE project = {project:String} AND sampled AND outcome = 'success' AND notEmpty(answer)
       AND started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
       AND ({anyModel:Bool} OR has({models:Array(String)}, model))
       AND NOT has({without:Array(String)}, call_id)
       AND call_id NOT IN (
         SELECT call_id FROM scores
         WHERE project = {project:String} AND dimension = 'composite' AND evaluator = 'composite'
           AND call_started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC'))
     ORDER BY started_at DESC, call_id
     LIMIT {limit:UInt32} BY model`,
    {
      project: query.project,
      anyModel: query.models === null,
      models: query.models ?? [],
      since: query.sinceMs,
      without: query.without,
      limit: query.limitPerModel,
    },
  )
  if (ids.length === 0) return { calls: [], waiting: 0 }
  return { calls: await withText(store, query.project, ids), waiting: waitingOf(ids) }
}

/** Of these calls, those whose scores the store already shows. */
export async function scoredAmong(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number; readonly ids: readonly string[] },
): Promise<readonly string[]> {
  const rows = await store.query<{ id: string }>(
    `SELECT DISTINCT call_id AS id FROM scores
     WHERE project = {project:String} AND dimension = 'composite' AND evaluator = 'composite'
       AND call_started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
       AND has({ids:Array(String)}, call_id)`,
    { project: query.project, since: query.sinceMs, ids: query.ids },
  )
  return rows.map((row) => row.id)
}

/** US dollars spent on verdicts since a moment (epoch ms). */
export async function evaluationCost(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number },
): Promise<number> {
  const [row] = await store.query<{ usd: number }>(
    `SELECT sum(cost_usd) AS usd FROM scores
     WHERE project = {project:String} AND scored_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
       AND call_started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') - INTERVAL 2 DAY`,
    { project: query.project, since: query.sinceMs },
  )
  return row?.usd ?? 0
}

interface PickedId {
  readonly id: string
  readonly model: string
  readonly startedAtMs: number
  /** Calls of this model that wait. */
  readonly waiting: number
}

/** Texts are read only for the calls that were picked. */
async function withText(
  store: Store,
  project: string,
  ids: readonly PickedId[],
): Promise<readonly SampledCall[]> {
  const times = ids.map((row) => row.startedAtMs)
  const rows = await store.query<SampledCall & Hashed>(
    `SELECT project, call_id AS callId, model, component,
       toUnixTimestamp64Milli(started_at) AS startedAtMs, total_seconds AS totalSeconds,
       completion_tokens AS completionTokens, sampling_probability AS samplingProbability,
       ${hashedTextColumns}, attributes
     FROM calls
     WHERE project = {project:String}
       AND started_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
       AND started_at <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
       AND has({ids:Array(String)}, call_id)
     ORDER BY started_at DESC, call_id
     LIMIT 1 BY call_id`,
    {
      project,
      from: Math.min(...times),
      to: Math.max(...times),
      ids: ids.map((row) => row.id),
    },
  )
  return withWholeTexts(store, project, rows)
}

/** The count stands on every row of a model. */
function waitingOf(rows: readonly PickedId[]): number {
  const perModel = new Map(rows.map((row) => [row.model, row.waiting]))
  return [...perModel.values()].reduce((sum, waiting) => sum + waiting, 0)
}
