import type { CallOutcome, UsageSource } from '../../records/call.ts'
import type { ScoreOutcome } from '../../records/score.ts'
import type { Store } from '../store.ts'

/** A call as the list shows it, without its text. */
export interface StoredCall {
  readonly callId: string
  readonly traceId: string
  readonly startedAtMs: number
  readonly model: string
  readonly component: string
  readonly copy: string
  readonly route: string
  readonly tenant: string
  readonly operation: string
  readonly streaming: boolean
  readonly status: number
  readonly outcome: CallOutcome
  readonly errorType: string
  readonly finishReason: string
  readonly queueSeconds: number | null
  readonly ttftSeconds: number | null
  readonly tpotSeconds: number | null
  readonly totalSeconds: number
  readonly promptTokens: number | null
  readonly cachedTokens: number | null
  readonly completionTokens: number | null
  readonly usageSource: UsageSource
  readonly modelVersion: string
  readonly engineVersion: string
  readonly promptTemplate: string
  readonly promptVersion: string
  readonly samplingProbability: number
  readonly sampled: boolean
}

/** What was said, redacted; empty where it was not captured or has expired. */
export interface StoredText {
  readonly prompt: string
  readonly answer: string
  readonly errorMessage: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface StoredScore {
  readonly evaluator: string
  readonly evaluatorVersion: string
  readonly dimension: string
  readonly value: number | null
  readonly label: string
  readonly reason: string
  readonly outcome: ScoreOutcome
  readonly scoredAtMs: number
  readonly latencySeconds: number
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
export function newestCalls(
  store: Store,
  filter: CallFilter,
  withText: boolean,
): Promise<readonly (StoredCall & Partial<StoredText>)[]> {
  return store.query<StoredCall & Partial<StoredText>>(
    `SELECT ${withText ? `${callColumns}, ${textColumns}` : callColumns} FROM calls
    WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
      AND started_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND started_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
    ORDER BY started_at DESC, call_id DESC LIMIT {limit:UInt32}`,
    {
      project: filter.project,
      model: filter.model,
      from: filter.fromMs,
      to: filter.toMs,
      limit: filter.limit,
    },
  )
}

/** One call by its id; `undefined` when the store does not hold it. */
export async function callById(
  store: Store,
  project: string,
  callId: string,
): Promise<(StoredCall & StoredText) | undefined> {
  const [row] = await store.query<StoredCall & StoredText>(
    `SELECT ${callColumns}, ${textColumns} FROM calls
    WHERE project = {project:String} AND call_id = {callId:String} LIMIT 1`,
    { project, callId },
  )
  return row
}

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

const callColumns = `
  call_id AS callId, trace_id AS traceId, toUnixTimestamp64Milli(started_at) AS startedAtMs,
  model, component, copy, route, tenant, operation, streaming, status, outcome,
  error_type AS errorType, finish_reason AS finishReason, queue_seconds AS queueSeconds,
  ttft_seconds AS ttftSeconds, tpot_seconds AS tpotSeconds, total_seconds AS totalSeconds,
  prompt_tokens AS promptTokens, cached_tokens AS cachedTokens,
  completion_tokens AS completionTokens, usage_source AS usageSource,
  model_version AS modelVersion, engine_version AS engineVersion,
  prompt_template AS promptTemplate, prompt_version AS promptVersion,
  sampling_probability AS samplingProbability, sampled`

const textColumns = `prompt, answer, error_message AS errorMessage, attributes`
