import type { ClientSight } from './client.ts'
import type { TraceRow } from './traces.ts'

export interface RowResult {
  readonly row: TraceRow
  readonly sight: ClientSight
  /** Requests made for this row, at least 1. */
  readonly tries: number
  /** How long after its time the first request left. */
  readonly latenessMs: number
}

/** What a replay did, from the client's side. */
export interface ReplayReport {
  readonly sent: number
  readonly succeeded: number
  readonly failed: number
  /** Rows that needed more than one request. */
  readonly retried: number
  /** Requests refused with 429 or 503, or for want of a listener, and made again. */
  readonly refusals: number
  /** Rows without generated tokens: sent with max_tokens 0. */
  readonly rowsWithoutOutput: number
  /** Of the file, over the rows sent. */
  readonly promptTokensAsked: number
  readonly completionTokensAsked: number
  /** As the answers' usage said. */
  readonly promptTokensSeen: number
  readonly completionTokensSeen: number
  readonly seconds: number
  readonly callsPerSecond: number
  readonly latenessP50Ms: number
  readonly latenessP99Ms: number
  readonly latenessMaxMs: number
  /** `null` without streaming. */
  readonly ttftP50Ms: number | null
  readonly ttftP99Ms: number | null
  /** The first few failures, for people. */
  readonly failures: readonly string[]
}

const failuresShown = 5

/** Sums up the results; `durationMs` is the wall time of the whole replay. */
export function summariseReplay(
  results: readonly RowResult[],
  sent: number,
  durationMs: number,
): ReplayReport {
  const good = results.filter(({ sight }) => sight.complete)
  const bad = results.filter(({ sight }) => !sight.complete)
  const lateness = results.map((result) => result.latenessMs)
  const ttft = good.flatMap(({ sight }) => (sight.ttftMs === null ? [] : [sight.ttftMs]))
  return {
    sent,
    succeeded: good.length,
    failed: bad.length,
    retried: results.filter(({ tries }) => tries > 1).length,
    refusals: sum(results.map(({ tries }) => tries - 1)),
    rowsWithoutOutput: results.filter(({ row }) => row.completionTokens === 0).length,
    promptTokensAsked: sum(results.map(({ row }) => row.promptTokens)),
    completionTokensAsked: sum(results.map(({ row }) => row.completionTokens)),
    promptTokensSeen: sum(good.map(({ sight }) => sight.promptTokens ?? 0)),
    completionTokensSeen: sum(good.map(({ sight }) => sight.completionTokens ?? 0)),
    seconds: durationMs / 1_000,
    callsPerSecond: results.length / (durationMs / 1_000),
    latenessP50Ms: quantile(lateness, 0.5) ?? 0,
    latenessP99Ms: quantile(lateness, 0.99) ?? 0,
    latenessMaxMs: quantile(lateness, 1) ?? 0,
    ttftP50Ms: quantile(ttft, 0.5),
    ttftP99Ms: quantile(ttft, 0.99),
    failures: bad
      .slice(0, failuresShown)
      .map(({ row, sight }) => `line ${row.line}: status ${sight.status} ${sight.error}`.trim()),
  }
}

/** The value below which the given share of the values lies (nearest rank); `null` without values. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
