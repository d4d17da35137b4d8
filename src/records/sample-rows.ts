// Samples side by side: for doors that take in so many that an object for each would be most of the work.
import type { Series } from './sample.ts'

/** Id of a series in two signed 32-bit halves: a BigInt a sample would be an allocation a sample. */
export interface SeriesHalves {
  readonly low: number
  readonly high: number
}

/** Samples as columns: the first `length` of each array. */
export interface SampleColumns {
  readonly length: number
  readonly low: Int32Array
  readonly high: Int32Array
  /** Whole epoch milliseconds. */
  readonly timesMs: Float64Array
  /** Meaningless unless the state is `present`. */
  readonly values: Float64Array
  /** Positions in `readingStates`. */
  readonly states: Uint8Array
}

/** The narrow door of the durable log for samples of series that are in it. */
export interface SampleRows {
  /** Id of a series that is durable itself; `null` = no sample of it was accepted yet in this run. */
  halvesOf(series: Series): SeriesHalves | null
  /**
   * As `Accept`: resolves once every sample is durable, rejects with a `RetryableError` when none is. The columns are
   * read before it returns its promise, so that their arrays may be used again.
   */
  accept(columns: SampleColumns, keys?: Uint8Array): Promise<void>
}
