// Quantiles in SQL from the same buckets that the rollups keep, so that raw rows and rollups answer alike. A state is
// made for each step; it gives the step's quantiles, and merged with the others those of the whole window.
import {
  bucketsPerDoubling,
  estimateOfUpperBound,
  zeroBucket,
  zeroThreshold,
} from '../../stats/exponential-histogram.ts'

/** Seconds at quantiles 0.5, 0.95 and 0.99, within 1.083 %; `null` without a reading. */
export type Quantiles = readonly (number | null)[]

/** State of a column of seconds; `NULL` is no reading and does not count. */
export function stateOfValues(column: string): string {
  return `${aggregate}State(${levels})(if(isNull(${column}), [], [toFloat32(${bucket(column)} + 0.5)]), if(isNull(${column}), [], [toUInt64(1)]))`
}

/** State of a rollup's histograms. */
export function stateOfHistograms(column: string): string {
  return `${aggregate}State(${levels})(arrayMap(bucket -> toFloat32(bucket + 0.5), mapKeys(${column})), mapValues(${column}))`
}

/** `Quantiles` of one state. */
export function quantilesOf(state: string): string {
  return estimates(`finalizeAggregation(${state})`)
}

/** `Quantiles` of the states of a group together. */
export function quantilesOfAll(state: string): string {
  return estimates(`${aggregate}Merge(${levels})(${state})`)
}

/** Histogram of a column of seconds, as the rollups keep it. */
export function histogramOfValues(column: string): string {
  return `sumMapIf(map(toInt16(${bucket(column)}), toUInt64(1)), isNotNull(${column}))`
}

// Quantiles over the buckets' numbers, weighted by their counts: the one at rank ceil(n * level). Numbers are moved by a
// half, which Float32 holds exactly, because the engine's answer of no rows is 0, and a bucket is called so too.
const aggregate = 'quantilesExactWeightedArray'
const levels = '0.5, 0.95, 0.99'

function bucket(column: string): string {
  const value = `ifNull(${column}, 0)`
  return `if(${value} > ${zeroThreshold}, ceil(log2(${value}) * ${bucketsPerDoubling}) - 1, ${zeroBucket})`
}

function estimates(moved: string): string {
  return (
    `arrayMap(moved -> multiIf(moved = 0, NULL, moved = ${zeroBucket + 0.5}, 0, ` +
    `exp2((moved + 0.5) / ${bucketsPerDoubling}) * ${estimateOfUpperBound}), ${moved})`
  )
}
