import type { Call } from '../../records/call.ts'
import type { ScoreOutcome } from '../../records/score.ts'
import type { Store } from '../store.ts'
import { hashedTextColumns, withWholeTexts, type Hashed } from './whole-texts.ts'

/** What the list shows of a call: columns of the table are the same in snake case. */
const listFields = [
  'callId',
  'traceId',
  'startedAtMs',
  'model',
  'component',
  'copy',
  'route',
  'tenant',
  'operation',
  'streaming',
  'status',
  'outcome',
  'errorType',
  'finishReason',
  'queueSeconds',
  'ttftSeconds',
  'tpotSeconds',
  'totalSeconds',
  'promptTokens',
  'cachedTokens',
  'completionTokens',
  'usageSource',
  'modelVersion',
  'engineVersion',
  'promptTemplate',
  'promptVersion',
  'samplingProbability',
  'sampled',
] as const satisfies readonly (keyof Call)[]

/** A call as the list shows it, without its text. */
export type StoredCall = Pick<Call, (typeof listFields)[number]>

/** What was said, redacted; empty where it was not captured or has expired. */
export type StoredText = Pick<Call, 'prompt' | 'answer' | 'errorMessage' | 'attributes'>

export interface StoredScore {
  readonly evaluator: string
  readonly evaluatorVersion: string
  readonly dimension: string
  readonly value: number | null
  readonly label: string
  readonly reason: string
  readonly outcome: ScoreOutcome
  readonly scoredAtMs: number
  readonly latencySeconds: number | null
  readonly lagSeconds: number
  readonly costUsd: number
}

export interface CallFilter {
  readonly project: string
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** Empty means all. */
  readonly model: string
  readonly limit: number
}

/** The newest calls of a window, newest first. */
export async function newestCalls(
  store: Store,
  filter: CallFilter,
  withText: boolean,
): Promise<readonly (StoredCall & Partial<StoredText>)[]> {
  const parameters = {
    project: filter.project,
    model: filter.model,
    from: filter.fromMs,
    to: filter.toMs,
    limit: filter.limit,
  }
  if (!withText) return store.query<StoredCall>(newestFirst(callColumns), parameters)
  const rows = await store.query<HashedRow>(
    newestFirst(`${callColumns}, ${textColumns}`),
    parameters,
  )
  return withWholeTexts(store, filter.project, rows)
}

/** One call by its id; `undefined` when the store does not hold it. */
export async function callById(
  store: Store,
  project: string,
  callId: string,
): Promise<(StoredCall & StoredText) | undefined> {
  const rows = await store.query<HashedRow>(
    `SELECT ${callColumns}, ${textColumns} FROM calls
    WHERE project = {project:String} AND call_id = {callId:String} LIMIT 1`,
    { project, callId },
  )
  const [call] = await withWholeTexts(store, project, rows)
  return call
}

type HashedRow = StoredCall & StoredText & Hashed

/** Every verdict on a call, in the order of the dimensions. */
export function scoresOfCall(
  store: Store,
  project: string,
  callId: string,
): Promise<readonly StoredScore[]> {
  return store.query<StoredScore>(
    `SELECT evaluator, evaluator_version AS evaluatorVersion, dimension, value, label, reason, outcome,
      toUnixTimestamp64Milli(scored_at) AS scoredAtMs, latency_seconds AS latencySeconds,
      lag_seconds AS lagSeconds, cost_usd AS costUsd
    FROM scores WHERE project = {project:String} AND call_id = {callId:String}
    ORDER BY dimension, evaluator, scored_at`,
    { project, callId },
  )
}

const callColumns = listFields.map(columnOf).join(', ')

const textColumns = `${hashedTextColumns}, error_message AS errorMessage, attributes`

function columnOf(field: (typeof listFields)[number]): string {
  if (field === 'startedAtMs') return 'toUnixTimestamp64Milli(started_at) AS startedAtMs'
  return `${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} AS ${field}`
}

/**
 * The table lies by model and then by time, so the newest of all models are in no one place. The rollup knows the
 * latest minute since which there are enough of them, and nothing older is read.
 */
function newestFirst(columns: string): string {
  return `WITH (
      SELECT min(minute) FROM (
        SELECT minute, sum(in_minute) OVER (ORDER BY minute DESC) - in_minute AS newer FROM (
          SELECT minute, sum(calls) AS in_minute FROM calls_1m
          WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
            AND minute >= toStartOfMinute(toDateTime(fromUnixTimestamp64Milli({from:Int64}, 'UTC'), 'UTC'))
            AND minute < toDateTime(intDiv({to:Int64}, 60000) * 60, 'UTC')
          GROUP BY minute)
      ) WHERE newer < {limit:UInt32}
    ) AS since
    SELECT ${columns} FROM calls
    WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
      AND started_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND started_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
      AND started_at >= since
    ORDER BY started_at DESC, call_id DESC LIMIT {limit:UInt32}`
}
