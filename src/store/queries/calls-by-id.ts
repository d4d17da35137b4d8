import type { Store } from '../store.ts'

/** What a verdict on a call needs to know of it. */
export interface CallSummary {
  readonly callId: string
  readonly model: string
  readonly component: string
  readonly startedAtMs: number
  readonly totalSeconds: number
  readonly samplingProbability: number
}

/** The calls with these ids, as far as the store holds them, by id. */
export async function callsById(
  store: Pick<Store, 'query'>,
  project: string,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, CallSummary>> {
  if (callIds.length === 0) return new Map()
  const rows = await store.query<CallSummary>(
    `SELECT call_id AS callId, model, component, toUnixTimestamp64Milli(started_at) AS startedAtMs,
      total_seconds AS totalSeconds, sampling_probability AS samplingProbability
    FROM calls WHERE project = {project:String} AND call_id IN {callIds:Array(String)} LIMIT 1 BY call_id`,
    { project, callIds },
  )
  return new Map(rows.map((row) => [row.callId, row]))
}
