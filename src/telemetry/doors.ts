// What came in by which door, and what became of it: received = accepted + duplicate + rejected + ignored, by door and table.
import { Counter, Gauge } from 'prom-client'
import { registry } from './metrics.ts'

const receivedTotal = new Counter({
  name: 'equipoise_door_received_records_total',
  help: 'Records in requests that were answered, by door and by the table that they are for.',
  labelNames: ['door', 'table'],
  registers: [registry],
})

const outcomesTotal = new Counter({
  name: 'equipoise_door_records_total',
  help: 'What became of received records: accepted, duplicate, rejected or ignored, with the reason. Adds up to those received.',
  labelNames: ['door', 'table', 'result', 'reason'],
  registers: [registry],
})

const lastAccepted = new Gauge({
  name: 'equipoise_door_last_accepted_timestamp_seconds',
  help: 'When a door last accepted something.',
  labelNames: ['door', 'table'],
  registers: [registry],
})

/** The ways in; a closed list, so that labels stay few. */
export type Door = 'otlp' | 'remote_write' | 'rows' | 'labels' | 'events' | 'feedback'

/** Records of one answered request. */
export interface DoorCounts {
  /** Counted before anything was judged. */
  readonly received: number
  readonly accepted: number
  readonly duplicate: number
  /** By reason, a word of the program. */
  readonly rejected?: Readonly<Record<string, number>>
  readonly ignored?: Readonly<Record<string, number>>
}

export interface DoorReport {
  readonly door: Door
  readonly table: string
  readonly received: number
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
  readonly ignored: number
  /** Epoch ms; `null` = nothing was accepted since the start. */
  readonly lastAcceptedMs: number | null
  /** Accepted records a second over the last minute. */
  readonly acceptedPerSecond: number
}

const reports = new Map<string, { report: DoorReport; readonly recent: [number, number][] }>()
const rateOverMs = 60_000

/** Counts what became of a request's records. @param nowMs epoch milliseconds */
export function countAtDoor(door: Door, table: string, counts: DoorCounts, nowMs: number): void {
  const { received, accepted, duplicate, rejected = {}, ignored = {} } = counts
  receivedTotal.inc({ door, table }, received)
  const outcomes = [
    ['accepted', '', accepted],
    ['duplicate', '', duplicate],
    ...Object.entries(rejected).map(([reason, count]) => ['rejected', reason, count] as const),
    ...Object.entries(ignored).map(([reason, count]) => ['ignored', reason, count] as const),
  ] as const
  for (const [result, reason, count] of outcomes) {
    outcomesTotal.inc({ door, table, result, reason }, count)
  }
  if (accepted > 0) lastAccepted.set({ door, table }, nowMs / 1_000)
  const name = `${door} ${table}`
  const entry = reports.get(name) ?? { report: emptyReport(door, table), recent: [] }
  entry.report = {
    ...entry.report,
    received: entry.report.received + received,
    accepted: entry.report.accepted + accepted,
    duplicate: entry.report.duplicate + duplicate,
    rejected: entry.report.rejected + sum(rejected),
    ignored: entry.report.ignored + sum(ignored),
    lastAcceptedMs: accepted > 0 ? nowMs : entry.report.lastAcceptedMs,
  }
  note(entry.recent, accepted, nowMs)
  reports.set(name, entry)
}

/** Every door that was used since the start. @param nowMs epoch milliseconds */
export function doorReports(nowMs: number): readonly DoorReport[] {
  return [...reports.values()].map(({ report, recent }) => {
    const young = recent.filter(([second]) => second * 1_000 > nowMs - rateOverMs)
    const accepted = young.reduce((total, [, count]) => total + count, 0)
    return { ...report, acceptedPerSecond: accepted / (rateOverMs / 1_000) }
  })
}

function emptyReport(door: Door, table: string): DoorReport {
  return {
    door,
    table,
    received: 0,
    accepted: 0,
    duplicate: 0,
    rejected: 0,
    ignored: 0,
    lastAcceptedMs: null,
    acceptedPerSecond: 0,
  }
}

/** One number a second, for as long as the rate looks back. */
function note(recent: [number, number][], accepted: number, nowMs: number): void {
  const second = Math.floor(nowMs / 1_000)
  const last = recent.at(-1)
  if (last?.[0] === second) last[1] += accepted
  else recent.push([second, accepted])
  while (recent.length > rateOverMs / 1_000) recent.shift()
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
