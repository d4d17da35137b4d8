import type { Store } from '../store.ts'

/** A verdict of a control: on an answer of the golden set, or on a model's answer to a probe. */
export interface ControlScore {
  /** What was judged: the id of the golden answer or of the probe. */
  readonly item: string
  readonly model: string
  readonly evaluator: string
  readonly version: string
  readonly dimension: string
  /** `null` where the evaluation gave no score. */
  readonly value: number | null
  readonly label: string
  readonly reason: string
  readonly outcome: string
  /** Epoch ms. */
  readonly atMs: number
}

const most = 50_000

/** The newest verdicts of a control's project, oldest first. */
export async function controlScores(
  store: Store,
  query: { readonly project: string; readonly sinceMs: number },
): Promise<readonly ControlScore[]> {
  const rows = await store.query<ControlScore>(
    `SELECT call_id AS item, model, evaluator, evaluator_version AS version, dimension, value, label,
       reason, outcome, toUnixTimestamp64Milli(call_started_at) AS atMs
     FROM scores
     WHERE project = {project:String}
       AND call_started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
     ORDER BY call_started_at DESC, item, evaluator LIMIT {most:UInt32}`,
    { project: query.project, since: query.sinceMs, most },
  )
  return rows.toReversed()
}

/** When the newest verdict of a control's project was asked for (epoch ms); `null` where there is none. */
export async function newestScoreMs(store: Store, project: string): Promise<number | null> {
  const [row] = await store.query<{ n: number; atMs: number }>(
    `SELECT toUInt32(count()) AS n, toUnixTimestamp64Milli(max(call_started_at)) AS atMs FROM scores
     WHERE project = {project:String}`,
    { project },
  )
  return row === undefined || row.n === 0 ? null : row.atMs
}
