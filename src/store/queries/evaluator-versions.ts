import type { Store } from '../store.ts'

export interface EvaluatorVersion {
  readonly model: string
  readonly evaluator: string
  readonly version: string
  /** When its newest score's call started, to the minute (epoch ms). */
  readonly newestMs: number
}

/** Versions that scored calls since a moment (epoch ms), the newest last. */
export function evaluatorVersions(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number },
): Promise<readonly EvaluatorVersion[]> {
  return store.query<EvaluatorVersion>(
    `SELECT model, evaluator, evaluator_version AS version, toInt64(toUnixTimestamp(max(minute))) * 1000 AS newestMs
     FROM scores_1m
     WHERE project = {project:String}
       AND minute >= toDateTime(fromUnixTimestamp64Milli({since:Int64}, 'UTC'), 'UTC')
     GROUP BY model, evaluator, evaluator_version ORDER BY newestMs, model, evaluator, version`,
    { project: query.project, since: query.sinceMs },
  )
}
