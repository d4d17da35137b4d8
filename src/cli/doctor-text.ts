import type { DoctorReport } from '../api/doctor-report.ts'
import { formatRows } from './row-format.ts'

const marks = { ok: 'ok    ', warning: 'look  ', failed: 'FAILED' } as const

/** The report for a person: checks, doors, and the accounts of each table. */
export function doctorText(report: DoctorReport): string {
  const checks = report.checks.map(
    ({ name, state, detail }) => `${marks[state]}  ${name.padEnd(14)}  ${detail}`,
  )
  return [
    `Equipoise ${report.version}, ${new Date(report.timeMs).toISOString()}`,
    '',
    ...checks,
    '',
    accounts(report),
    ...(report.doors.length === 0 ? [] : [doors(report)]),
    report.tables.some(({ isExact }) => !isExact) ? `${footnote}\n` : '',
    `Accounts: ${report.verdict}.\n`,
  ].join('\n')
}

const footnote =
  '* Rows replace one another in these tables, so "expired" counts replaced rows too; what the spool handed over is exact.'

function accounts({ tables }: DoctorReport): string {
  const columns = [
    'table',
    'accepted',
    'stored',
    'expired',
    'waiting',
    'set aside',
    'missing',
    'bytes',
    'newest',
  ]
  const rows = tables.map((one) => [
    one.isExact ? one.table : `${one.table} *`,
    one.accepted,
    one.stored,
    one.expired,
    one.waiting,
    one.quarantined,
    one.missing,
    one.bytes,
    timeOf(one.newestMs),
  ])
  return formatRows(columns, rows, 'table')
}

function doors(report: DoctorReport): string {
  const columns = [
    'door',
    'table',
    'received',
    'accepted',
    'duplicate',
    'rejected',
    'ignored',
    'per second',
    'last accepted',
  ]
  const rows = report.doors.map((one) => [
    one.door,
    one.table,
    one.received,
    one.accepted,
    one.duplicate,
    one.rejected,
    one.ignored,
    Math.round(one.acceptedPerSecond * 10) / 10,
    timeOf(one.lastAcceptedMs),
  ])
  return formatRows(columns, rows, 'table')
}

function timeOf(timeMs: number | null): string {
  return timeMs === null ? '-' : new Date(timeMs).toISOString()
}
