import type { Alert } from '../../records/alert.ts'
import { text, time, word, type Table } from '../table.ts'

export const alerts: Table<Alert> = {
  name: 'alerts',
  timeMs: (alert) => alert.changedAtMs,
  columns: [
    word('project', (alert) => alert.project),
    text('alert_id', (alert) => alert.alertId),
    word('rule', (alert) => alert.rule),
    word('model', (alert) => alert.model),
    word('severity', (alert) => alert.severity),
    word('state', (alert) => alert.state),
    time('started_at', (alert) => alert.startedAtMs),
    time('changed_at', (alert) => alert.changedAtMs),
    text('summary', (alert) => alert.summary),
    text('readings', (alert) => JSON.stringify(alert.readings)),
  ],
}
