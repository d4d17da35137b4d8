// What became of each record of a request: for the client's answer and for our own counters.
import { Counter } from 'prom-client'
import { countAtDoor } from '../../telemetry/doors.ts'
import { registry } from '../../telemetry/metrics.ts'
import type { Outcome, Signal } from './wire/export-answer.ts'

/** Accepted, duplicate, rejected, ignored and lost add up to what came. */
const recordsTotal = new Counter({
  name: 'equipoise_otlp_records_total',
  help: 'Records that came by OTLP, by what became of them.',
  labelNames: ['signal', 'result', 'reason'],
  registers: [registry],
})

export interface Tally {
  /** Not kept, and the client is told. */
  reject(reason: string, message: string): void
  /** Not meant for us; not the client's fault. */
  ignore(reason: string, count?: number): void
  /** Kept, but the user should know. */
  warn(message: string): void
  /** Counts everything, once the request is durable: one that fails is sent again. */
  finish(counts: TallyCounts): Outcome
}

export interface TallyCounts {
  /** Spans, data points or log records in the request. */
  readonly received: number
  /** Of these, what is meant to be kept. */
  readonly came: number
  /** Of these, what was not there before. */
  readonly fresh: number
}

const tables = { traces: 'calls', metrics: 'samples', logs: 'scores' } as const

export function createTally(signal: Signal): Tally {
  const results = new Map<string, { result: string; reason: string; count: number }>()
  const messages = new Map<string, number>()
  let rejected = 0
  const count = (result: string, reason: string, by: number) => {
    const key = `${result} ${reason}`
    const entry = results.get(key) ?? { result, reason, count: 0 }
    entry.count += by
    results.set(key, entry)
  }
  const say = (message: string) => {
    if (messages.has(message) || messages.size < mostMessages) {
      messages.set(message, (messages.get(message) ?? 0) + 1)
    }
  }
  const reasonsOf = (wanted: string) =>
    Object.fromEntries(
      [...results.values()]
        .filter(({ result }) => result === wanted)
        .map(({ reason, count: by }) => [reason, by]),
    )
  return {
    reject(reason, message) {
      rejected += 1
      count('rejected', reason, 1)
      say(message)
    },
    ignore: (reason, by = 1) => count('ignored', reason, by),
    warn: say,
    finish({ received, came, fresh }) {
      const sums = { received, accepted: fresh, duplicate: came - fresh }
      const reasons = { rejected: reasonsOf('rejected'), ignored: reasonsOf('ignored') }
      countAtDoor('otlp', tables[signal], { ...sums, ...reasons }, Date.now())
      count('accepted', '', fresh)
      count('duplicate', '', came - fresh)
      for (const { result, reason, count: by } of results.values()) {
        recordsTotal.inc({ signal, result, reason }, by)
      }
      return {
        rejected,
        message: [...messages].map(([text, times]) => `${times} × ${text}`).join('; '),
      }
    },
  }
}

/** Texts that waited for their span in vain. */
export function countLost(count: number): void {
  recordsTotal.inc({ signal: 'logs', result: 'lost', reason: 'span_never_came' }, count)
}

const mostMessages = 5
