// Histograms of OpenTelemetry's base-2 exponential buckets at scale 5: bucket i holds (2^(i/32), 2^((i+1)/32)].
// Adding the counts of two of them is exact, so any parts merge in any order to the same one; a quantile
// is off by at most (b-1)/(b+1) = 1.083 % with b = 2^(1/32).

/** Count by bucket; buckets without one are not in it. */
export type ExponentialHistogram = ReadonlyMap<number, number>

export const bucketsPerDoubling = 32

/** Holds what is too small to have passed: such times are 0. The engine's buckets are Int16. */
export const zeroBucket = -32_768

/** Values up to this many seconds are zero: no clock of ours tells them apart. */
export const zeroThreshold = 1e-9

const base = 2 ** (1 / bucketsPerDoubling)

/** Upper bound to estimate: the value whose relative error is the same at both ends of the bucket. */
export const estimateOfUpperBound = 2 / (base + 1)

/** Largest relative error of an estimate: 1.083 %. */
export const largestRelativeError = (base - 1) / (base + 1)

/** Bucket of a value that is not negative. */
export function bucketOf(value: number): number {
  if (!(value > zeroThreshold)) return zeroBucket
  return Math.ceil(Math.log2(value) * bucketsPerDoubling) - 1
}

/** The value that stands for a bucket, in the unit of what was counted. */
export function estimateOf(bucket: number): number {
  if (bucket === zeroBucket) return 0
  return 2 ** ((bucket + 1) / bucketsPerDoubling) * estimateOfUpperBound
}

/** Counts values that are not negative. */
export function histogramOf(values: Iterable<number>): ExponentialHistogram {
  const counts = new Map<number, number>()
  for (const value of values) {
    const bucket = bucketOf(value)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return counts
}

/** The histogram that the store keeps as a map from bucket to count. */
export function storedHistogram(
  counts: Readonly<Record<string, number>> | undefined,
): ExponentialHistogram {
  return new Map(Object.entries(counts ?? {}).map(([bucket, count]) => [Number(bucket), count]))
}

/** What the values of all of them together would have given, to the last count. */
export function mergeHistograms(histograms: readonly ExponentialHistogram[]): ExponentialHistogram {
  const merged = new Map<number, number>()
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) {
      merged.set(bucket, (merged.get(bucket) ?? 0) + count)
    }
  }
  return merged
}

/** Number of values counted. */
export function countOf(histogram: ExponentialHistogram): number {
  return [...histogram.values()].reduce((sum, count) => sum + count, 0)
}

/**
 * The value at rank ceil(n * level), within 1.083 %; `null` of nothing.
 * @param level in [0, 1]
 */
export function quantileOf(histogram: ExponentialHistogram, level: number): number | null {
  const rank = Math.max(1, Math.ceil(countOf(histogram) * level))
  let reached = 0
  for (const [bucket, count] of [...histogram].toSorted(([a], [b]) => a - b)) {
    reached += count
    if (reached >= rank) return estimateOf(bucket)
  }
  return null
}
