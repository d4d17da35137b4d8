// Means of quality over traffic that was sampled with unequal, recorded probabilities.
import { type Estimate, meanBounds } from './interval.ts'

/** The weighted mean and two variances of it, for two questions. */
export interface Hajek {
  readonly mean: number
  /**
   * Variance as an estimate of the mean over the traffic that really flowed (Poisson sampling):
   * zero when everything was scored.
   */
  readonly trafficVariance: number
  /**
   * Variance as an estimate of what the model answers on average, whose traffic is itself a draw.
   * Intervals use this one: scoring three answers out of three must not claim certainty.
   */
  readonly variance: number
  readonly n: number
  /** Kish's effective sample size: (sum of weights) squared over the sum of squared weights. */
  readonly nEffective: number
  readonly binary: boolean
}

/**
 * Hájek's mean (1971): each value counts 1 / inclusion probability, normalised by the sum of those
 * weights. Variances are linearised. `null` without a value.
 * @param values in [0,1]
 * @param probabilities inclusion probability of each value, in (0,1]
 */
export function hajek(values: readonly number[], probabilities: readonly number[]): Hajek | null {
  if (values.length !== probabilities.length) {
    throw new RangeError(`${values.length} values but ${probabilities.length} probabilities`)
  }
  if (values.length === 0) return null
  const draws = values.map((value, index) => ({ value, weight: weightOf(probabilities[index]) }))
  const total = draws.reduce((sum, { weight }) => sum + weight, 0)
  const mean = draws.reduce((sum, { value, weight }) => sum + value * weight, 0) / total
  // Equal values have no spread; the rounding of their mean must not look like one.
  const equal = values.every((value) => value === values[0])
  const spread = (factor: (weight: number) => number) =>
    draws.reduce(
      (sum, { value, weight }) => sum + (equal ? 0 : factor(weight) * (value - mean) ** 2),
      0,
    ) /
    total ** 2
  return {
    mean,
    trafficVariance: spread((weight) => weight * (weight - 1)),
    variance: spread((weight) => weight * weight),
    n: values.length,
    nEffective: total ** 2 / draws.reduce((sum, { weight }) => sum + weight * weight, 0),
    binary: values.every((value) => value === 0 || value === 1),
  }
}

/** Hájek's mean with the interval of `meanBounds`; `null` without a value. */
export function hajekInterval(
  values: readonly number[],
  probabilities: readonly number[],
  confidence = 0.95,
): Estimate | null {
  const result = hajek(values, probabilities)
  if (result === null) return null
  return estimate(result, confidence)
}

/** Sums over scored answers with weight w = 1 / inclusion probability, as rollups keep them. */
export interface HajekSums {
  /** Number of scored answers. */
  readonly scored: number
  /** Sum of w. */
  readonly weight: number
  /** Sum of w². */
  readonly weightSquared: number
  /** Sum of w · value. */
  readonly weightedValue: number
  /** Sum of w · value². */
  readonly weightedValueSquared: number
  /** Sum of w² · value, where kept: makes the variance exact when probability and quality go together. */
  readonly weightSquaredValue?: number
  /** Sum of w² · value², where kept. */
  readonly weightSquaredValueSquared?: number
}

/**
 * Hájek's mean with its interval from sums. Sums of disjoint answers may be added before.
 * With equal probabilities it equals `hajekInterval`; with unequal ones and without the two optional
 * sums the spread is taken to be the same at every weight, which is wide when bad answers were drawn
 * more often and narrow when they were drawn less.
 * @returns `null` when nothing was scored
 */
export function hajekFromSums(sums: HajekSums, confidence = 0.95): Estimate | null {
  const { scored, weight, weightSquared, weightedValue, weightedValueSquared } = sums
  if (!(scored > 0 && weight > 0)) return null
  const mean = Math.min(1, Math.max(0, weightedValue / weight))
  const nEffective = Math.min(scored, weight ** 2 / weightSquared)
  // A value equals its square only at 0 and 1, so the two sums agree only for binary values.
  const binary = Math.abs(weightedValue - weightedValueSquared) <= 1e-9 * weight
  const spread = binary ? mean * (1 - mean) : weightedValueSquared / weight - mean ** 2
  const variance = linearised(sums, mean) ?? spread / nEffective
  // Differences of sums carry rounding; below it there is no spread.
  const negligible = spread <= 1e-12
  return estimate(
    { mean, variance: negligible ? 0 : variance, n: scored, nEffective, binary },
    confidence,
  )
}

function linearised(sums: HajekSums, mean: number): number | undefined {
  const { weightSquaredValue, weightSquaredValueSquared } = sums
  if (weightSquaredValue === undefined || weightSquaredValueSquared === undefined) return undefined
  const squares =
    weightSquaredValueSquared - 2 * mean * weightSquaredValue + mean ** 2 * sums.weightSquared
  return Math.max(0, squares) / sums.weight ** 2
}

function estimate(
  result: Pick<Hajek, 'mean' | 'variance' | 'n' | 'nEffective' | 'binary'>,
  confidence: number,
): Estimate {
  const { mean, n, nEffective, binary } = result
  // Bessel's correction; binary values go to Wilson, which counts them as they are.
  const small = binary || nEffective <= 1 ? 1 : nEffective / (nEffective - 1)
  const variance = nEffective <= 1 + 1e-9 && !binary ? 0 : result.variance * small
  const bounds = meanBounds({ mean, variance, nEffective, binary }, confidence)
  return { value: mean, ...bounds, n, nEffective }
}

function weightOf(probability: number | undefined): number {
  if (probability === undefined || !(probability > 0 && probability <= 1)) {
    throw new RangeError(`an inclusion probability lies in (0,1], not ${probability}`)
  }
  return 1 / probability
}
