// How to spend a budget of evaluations over strata of the traffic.

/** A group of calls that is sampled at one rate. */
export interface Stratum {
  /** Calls in it. */
  readonly size: number
  /** Standard deviation of the score within it. */
  readonly deviation: number
  /** What one evaluation costs, in any unit; default 1. */
  readonly cost?: number
}

/**
 * Neyman's allocation (1934) with costs: sample sizes proportional to size times deviation over the root of cost.
 * Fractions are left as they are.
 * @param budget number of evaluations to spread
 */
export function neymanAllocation(strata: readonly Stratum[], budget: number): number[] {
  const worth = strata.map(({ size, deviation, cost = 1 }) => (size * deviation) / Math.sqrt(cost))
  const total = worth.reduce((sum, part) => sum + part, 0)
  return worth.map((part) => (total > 0 ? (budget * part) / total : 0))
}

/** Variance of the stratified mean with these sample sizes, without finite-population correction. */
export function stratifiedVariance(strata: readonly Stratum[], sampled: readonly number[]): number {
  const all = strata.reduce((sum, { size }) => sum + size, 0)
  return strata.reduce((sum, { size, deviation }, index) => {
    const n = sampled[index] ?? 0
    return sum + ((size / all) * deviation) ** 2 / n
  }, 0)
}
