import type { Random } from '../stats/random.ts'

/** How requests of one model arrive. */
export interface ArrivalProcess {
  readonly ratePerSecond: number
  /** Standard deviation of the gaps over their mean: 1 = Poisson, more = bursts. */
  readonly coefficientOfVariation: number
}

/**
 * Gaps between arrivals in seconds, without end: gamma distributed with the given mean rate and dispersion.
 * Over long windows the variance of counts is the squared coefficient times their mean.
 */
export function* arrivalGaps(process: ArrivalProcess, random: Random): Generator<number> {
  const shape = 1 / process.coefficientOfVariation ** 2
  for (;;) yield random.gamma(shape, 1 / (shape * process.ratePerSecond))
}

/** The process that the arrivals of a trace look like. Times are milliseconds, in order. */
export function fitArrivals(timesMs: readonly number[]): ArrivalProcess {
  const gaps = timesMs.slice(1).map((time, index) => (time - (timesMs[index] ?? time)) / 1_000)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
  return { ratePerSecond: 1 / mean, coefficientOfVariation: Math.sqrt(variance) / mean }
}
