/** Absent is not zero: a reading says what it is. Only `present` carries a usable value. Stored by position. */
export const readingStates = ['present', 'absent', 'stale', 'sentinel'] as const

export type ReadingState = (typeof readingStates)[number]

export type MetricKind = 'gauge' | 'counter' | 'histogram' | 'info'

/** Identity of a stream of readings. `dimensions` are sorted by key when the id is made. */
export interface Series {
  readonly project: string
  /** e.g. `/aws/sagemaker/InferenceComponents/gpt-oss-20b`. */
  readonly namespace: string
  /** Canonical name of `vocabulary/`, e.g. `kv.usage`. */
  readonly metric: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly unit: string
  readonly kind: MetricKind
}

/** One metric reading. */
export interface Sample {
  readonly series: Series
  /** Epoch milliseconds. */
  readonly timeMs: number
  /** Meaningless unless `state` is `present`. */
  readonly value: number
  readonly state: ReadingState
}
