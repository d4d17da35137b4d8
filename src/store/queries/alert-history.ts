import type { Alert } from '../../records/alert.ts'
import type { Store } from '../store.ts'

/** The newest transitions of alerts in a window (epoch ms, end exclusive), newest first. */
export async function alertTransitions(
  store: Store,
  window: { project: string; fromMs: number; toMs: number; limit: number },
): Promise<readonly Alert[]> {
  const rows = await store.query<Omit<Alert, 'readings'> & { readonly readings: string }>(
    `SELECT project, alert_id AS alertId, rule, model, severity, state,
      toUnixTimestamp64Milli(started_at) AS startedAtMs,
      toUnixTimestamp64Milli(changed_at) AS changedAtMs, summary, readings
    FROM alerts
    WHERE project = {project:String}
      AND changed_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND changed_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
    ORDER BY changed_at DESC LIMIT {limit:UInt32}`,
    { project: window.project, from: window.fromMs, to: window.toMs, limit: window.limit },
  )
  return rows.map((row) => ({ ...row, readings: readingsOf(row.readings) }))
}

function readingsOf(text: string): Alert['readings'] {
  // The alerts' own writer made this JSON from `AlertReading[]`.
  const readings: Alert['readings'] = text === '' ? [] : JSON.parse(text)
  return readings
}
