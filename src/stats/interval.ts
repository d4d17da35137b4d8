// Intervals for means of values in [0,1]. They stay in [0,1] and are never of width zero.
import { betaQuantile, studentWidth } from './beta.ts'
import { normalWidth } from './normal.ts'

/** Bounds of an interval at its stated confidence. */
export interface Bounds {
  readonly lower: number
  readonly upper: number
}

/** A mean with its interval, the count behind it and the count of equal weights it is worth. */
export interface Estimate extends Bounds {
  readonly value: number
  readonly n: number
  readonly nEffective: number
}

/**
 * Wilson's score interval (1927) for a share. Both arguments may be fractions: with unequal weights
 * `n` is the effective sample size and `successes` the mean times it (Korn and Graubard 1998).
 * @param successes in [0, n]
 * @param n positive
 */
export function wilson(successes: number, n: number, confidence = 0.95): Bounds {
  if (!(n > 0 && successes >= 0 && successes <= n * (1 + 1e-12))) {
    throw new RangeError(`successes must lie in [0, n] and n be positive: ${successes} of ${n}`)
  }
  const share = Math.min(1, successes / n)
  const z2 = normalWidth(confidence) ** 2
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n)
  const half = Math.sqrt((z2 * (share * (1 - share) + z2 / (4 * n))) / n) / (1 + z2 / n)
  // At a share of exactly 0 or 1 the bound is the share itself; rounding must not move it.
  return {
    lower: share === 0 ? 0 : Math.max(0, centre - half),
    upper: share === 1 ? 1 : Math.min(1, centre + half),
  }
}

/**
 * Jeffreys' interval for a share: quantiles of Beta(k + 1/2, n - k + 1/2), with the bound at the
 * share itself when all or none succeeded (Brown, Cai and DasGupta 2001).
 * @param k successes in [0, n]
 */
export function jeffreys(k: number, n: number, confidence = 0.95): Bounds {
  if (!(n >= 0 && k >= 0 && k <= n)) {
    throw new RangeError(`successes must lie in [0, n]: ${k} of ${n}`)
  }
  const tail = (1 - confidence) / 2
  return {
    lower: k === 0 ? 0 : betaQuantile(tail, k + 0.5, n - k + 0.5),
    upper: k === n ? 1 : betaQuantile(1 - tail, k + 0.5, n - k + 0.5),
  }
}

/** What `meanBounds` needs to know of a sample. */
export interface MeanSummary {
  /** In [0,1]. */
  readonly mean: number
  /** Variance of the mean (not of the values). */
  readonly variance: number
  /** Positive. */
  readonly nEffective: number
  /** Whether every value is 0 or 1. */
  readonly binary: boolean
}

/**
 * Interval for the mean of values in [0,1] from its variance.
 *
 * Binary values: Wilson on the sample size at which a simple random sample would have this variance,
 * mean (1 - mean) / variance (Korn and Graubard 1998), because the normal interval fails near 0 and 1.
 * No spread at all: Wilson on Kish's effective size (1965), as if one value away from its neighbours
 * had only not been met yet; a sample of equal values never claims certainty.
 * Else: the wider of Student's interval and the same after half an observation at 0 and half at 1
 * were added (the thought of Agresti and Coull 1998 with Jeffreys' weights), which keeps small samples
 * of skewed scores honest and vanishes as the sample grows.
 */
export function meanBounds(summary: MeanSummary, confidence = 0.95): Bounds {
  const { mean, variance, nEffective, binary } = summary
  const largest = mean * (1 - mean)
  if (!(variance > 0) || largest === 0) return wilson(mean * nEffective, nEffective, confidence)
  if (binary) return wilson((mean * largest) / variance, largest / variance, confidence)
  const width = studentWidth(confidence, Math.max(1, nEffective - 1))
  const plain = width * Math.sqrt(variance)
  const guardMean = (mean * nEffective + 0.5) / (nEffective + 1)
  // Sum of squares about the new mean: the sample's, its shift, and the two halves.
  const squares =
    variance * nEffective * nEffective +
    nEffective * (mean - guardMean) ** 2 +
    (guardMean ** 2 + (1 - guardMean) ** 2) / 2
  const guard = width * (Math.sqrt(squares) / (nEffective + 1))
  return {
    lower: Math.max(0, Math.min(mean - plain, guardMean - guard)),
    upper: Math.min(1, Math.max(mean + plain, guardMean + guard)),
  }
}

/** Mean of values in [0,1] that count alike, with its interval; `null` without a value. */
export function meanInterval(values: readonly number[], confidence = 0.95): Estimate | null {
  const n = values.length
  if (n === 0) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const binary = values.every((value) => value === 0 || value === 1)
  // Binary values keep the population variance, so that Wilson sees exactly n.
  const variance = n === 1 ? 0 : squares / n / (binary ? n : n - 1)
  const bounds = meanBounds({ mean, variance, nEffective: n, binary }, confidence)
  return { value: mean, ...bounds, n, nEffective: n }
}
