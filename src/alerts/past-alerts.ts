// Where the alerts stood when the program was last running.
import { z } from 'zod'
import type { Alert } from '../records/alert.ts'
import type { Store } from '../store/store.ts'

/** The newest transition of each rule and model, where it left the alert pending or firing. */
export async function openAlerts(store: Store, project: string): Promise<Alert[]> {
  const rows = await store.query<Record<string, unknown>>(
    `SELECT project, alert_id AS alertId, rule, model, severity, state,
      toUnixTimestamp64Milli(started_at) AS startedAtMs,
      toUnixTimestamp64Milli(changed_at) AS changedAtMs, summary, readings
    FROM (
      SELECT * FROM alerts WHERE project = {project:String}
      ORDER BY changed_at DESC, started_at DESC LIMIT 1 BY rule, model)
    WHERE state IN ('pending', 'firing') ORDER BY rule, model`,
    { project },
  )
  return rows.map((row) => alertRow.parse(row))
}

const number = z.number().nullable()

const reading = z.object({
  axis: z.enum(['infrastructure', 'quality']),
  metric: z.string(),
  value: number,
  lower: number,
  upper: number,
  n: z.number(),
  baseline: number,
  threshold: number,
  unit: z.string(),
})

const readingsText = z.string().transform((text): unknown => (text === '' ? [] : JSON.parse(text)))

const alertRow = z.object({
  project: z.string(),
  alertId: z.string(),
  rule: z.string(),
  model: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  state: z.enum(['inactive', 'pending', 'firing', 'resolved']),
  startedAtMs: z.number(),
  changedAtMs: z.number(),
  summary: z.string(),
  readings: readingsText.pipe(z.array(reading)),
})
