// How well a score tells good from bad: area under the ROC curve with DeLong's variance.
import { type Bounds, wilson } from './interval.ts'
import { normalWidth } from './normal.ts'

/** An area with its interval and the answers behind it. */
export interface AreaUnderCurve extends Bounds {
  readonly value: number
  readonly n: number
}

/**
 * Probability that a good answer has a higher score than a bad one, ties counted half (0 to 1; 0.5 = the score tells
 * nothing), with an interval from DeLong's variance on the logit scale (DeLong et al. 1988). `null` without both kinds.
 */
export function areaUnderCurve(
  good: readonly number[],
  bad: readonly number[],
  confidence = 0.95,
): AreaUnderCurve | null {
  if (good.length === 0 || bad.length === 0) return null
  const all = midranks([...good, ...bad])
  const ownGood = midranks(good)
  const ownBad = midranks(bad)
  // Placement of each answer among those of the other kind.
  const placedGood = good.map(
    (_, index) => ((all[index] ?? 0) - (ownGood[index] ?? 0)) / bad.length,
  )
  const placedBad = bad.map(
    (_, index) => 1 - ((all[good.length + index] ?? 0) - (ownBad[index] ?? 0)) / good.length,
  )
  const value = meanOf(placedGood)
  const variance = varianceOf(placedGood) / good.length + varianceOf(placedBad) / bad.length
  const n = good.length + bad.length
  return {
    value,
    ...bounds(value, variance, { least: Math.min(good.length, bad.length), confidence }),
    n,
  }
}

function bounds(
  value: number,
  variance: number,
  { least, confidence }: { readonly least: number; readonly confidence: number },
): Bounds {
  const spread = value * (1 - value)
  // Without a single inversion the variance is 0 and says nothing; the rarer kind bounds what can be known.
  if (spread <= 0 || variance <= 0) return wilson(value * least, least, confidence)
  const logit = Math.log(value / (1 - value))
  const width = (normalWidth(confidence) * Math.sqrt(variance)) / spread
  return { lower: logistic(logit - width), upper: logistic(logit + width) }
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Ranks from 1, equal values sharing the mean of theirs. */
function midranks(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const ranks = Array.from<number>({ length: values.length }).fill(0)
  for (let start = 0; start < order.length;) {
    let end = start + 1
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end += 1
    for (const index of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2
    start = end
  }
  return ranks
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Sample variance; 0 for a single value. */
function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return 0
  const mean = meanOf(values)
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
}
