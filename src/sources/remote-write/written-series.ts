// What a write request says, whichever version it is of.
import { UserError } from '../../records/failure.ts'
import type { MetricKind } from '../../records/sample.ts'

export type Labels = Readonly<Record<string, string>>

export interface WrittenSample {
  /** Epoch milliseconds, not checked. */
  readonly timeMs: number
  readonly value: number
  readonly isStale: boolean
}

/** Type and unit of a metric, as its exporter declares them. */
export interface MetricMetadata {
  /** `null` = the exporter does not say. */
  readonly kind: MetricKind | null
  readonly unit: string
}

export interface WrittenSeries {
  /** Equal for equal labels in the same order; `null` = the labels take more than `mostLabelBytes`. */
  readonly key: string | null
  /** Only needed when the key is met for the first time; valid while the request is handled. */
  readonly readLabels: () => Labels
  readonly metadata: MetricMetadata | null
  readonly samples: readonly WrittenSample[]
}

export interface WrittenRequest {
  readonly series: readonly WrittenSeries[]
  /** By family name; only requests of version 1 have it apart from the series. */
  readonly metadata: ReadonlyMap<string, MetricMetadata>
  /** Native histograms and exemplars are counted, not read. */
  readonly histograms: number
  readonly exemplars: number
}

/** Most bytes that the labels of one series may take. */
export const mostLabelBytes = 8 * 1_024

/** Most samples, series, symbols or metadata in one request: what bounds the memory that a small body can ask for. */
export const mostItems = 200_000

/** Throws with status 413 when a request holds more items than a bounded memory can take. */
export function checkItems(count: number): void {
  checkAmount('series and samples', count, mostItems)
}

/** Throws with status 413 when there is more of something than a bounded memory can take. */
export function checkAmount(what: string, amount: number, most: number): void {
  if (amount <= most) return
  throw new UserError(
    `the request holds more ${what} than ${most}: send less at a time (queue_config.max_samples_per_send)`,
    { status: 413, code: 'body_too_large' },
  )
}

/** What an enumeration of `MetricType` means; both versions number it alike. */
export function metricKind(type: number): MetricKind | null {
  return kinds[type] ?? null
}

// Parts of a histogram or summary are counters of their own, which their names say.
const kinds: readonly (MetricKind | null)[] = [
  null,
  'counter',
  'gauge',
  'histogram',
  'histogram',
  null,
  'info',
  'gauge',
]
