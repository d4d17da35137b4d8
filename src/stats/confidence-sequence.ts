// Confidence sequences for the mean of observations in [0,1]: intervals that hold at every look
// (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting").
import type { Bounds } from './interval.ts'

/** Which side a test by betting watches: `both` hedges, `above` bets that the mean is larger, `below` smaller. */
export type Side = 'both' | 'above' | 'below'

/**
 * Capital after each observation of a gambler against "the mean is `mean`": 1 / alpha or more refutes it with
 * error probability alpha at any time. Hedged: the larger of half the capital of either side.
 * @param mean in (0,1)
 */
export function bettingCapital(
  values: readonly number[],
  mean: number,
  { alpha = 0.05, side = 'both' }: { readonly alpha?: number; readonly side?: Side } = {},
): number[] {
  const share = side === 'both' ? 0.5 : 1
  const bets = predictableBets(values, alpha * share)
  let [above, below] = [1, 1]
  return values.map((value, index) => {
    const bet = bets[index] ?? 0
    // Half of what would ruin the gambler, so that one observation never takes everything.
    above *= 1 + Math.min(bet, 0.5 / mean) * (value - mean)
    below *= 1 - Math.min(bet, 0.5 / (1 - mean)) * (value - mean)
    return Math.max(side === 'below' ? 0 : share * above, side === 'above' ? 0 : share * below)
  })
}

/**
 * Means not refuted by now: the tightest sequence here. Looked for on a grid, so each bound is one step outside.
 * Time proportional to values times grid.
 */
export function bettingSequence(
  values: readonly number[],
  { alpha = 0.05, grid = 1_000 }: { readonly alpha?: number; readonly grid?: number } = {},
): Bounds {
  const kept = Array.from({ length: grid + 1 }, (_, index) => index / grid).filter((mean) => {
    if (mean <= 0 || mean >= 1) return values.every((value) => value === mean)
    const capital = bettingCapital(values, mean, { alpha }).at(-1) ?? 1
    return capital < 1 / alpha
  })
  return {
    lower: Math.max(0, (kept.at(0) ?? 0) - 1 / grid),
    upper: Math.min(1, (kept.at(-1) ?? 1) + 1 / grid),
  }
}

/** Predictable empirical Bernstein: closed form, adapts to the variance. */
export function empiricalBernsteinSequence(values: readonly number[], alpha = 0.05): Bounds {
  return mirrored(values, (side) => {
    let sum = 0
    const costs = predictableBets(side, alpha / 2).map((asked, index) => {
      const value = side[index] ?? 0
      const spread = (value - (index === 0 ? 0 : sum / index)) ** 2
      sum += value
      const bet = Math.min(asked, 0.5)
      return { value, bet, cost: spread * (-Math.log(1 - bet) - bet) }
    })
    return lowerBound(costs, alpha / 2)
  })
}

/** Predictable Hoeffding: closed form, knows nothing of the variance; the simplest of the three. */
export function hoeffdingSequence(values: readonly number[], alpha = 0.05): Bounds {
  return mirrored(values, (side) => {
    const costs = side.map((value, index) => {
      const t = index + 1
      const bet = Math.min(1, Math.sqrt((8 * Math.log(2 / alpha)) / (t * Math.log(1 + t))))
      return { value, bet, cost: bet ** 2 / 8 }
    })
    return lowerBound(costs, alpha / 2)
  })
}

interface Step {
  readonly value: number
  readonly bet: number
  readonly cost: number
}

function lowerBound(steps: readonly Step[], alpha: number): number {
  const sum = (of: (step: Step) => number) => steps.reduce((total, step) => total + of(step), 0)
  const stake = sum(({ bet }) => bet)
  if (stake === 0) return 0
  return (
    (sum(({ bet, value }) => bet * value) - Math.log(1 / alpha) - sum(({ cost }) => cost)) / stake
  )
}

/** The upper bound is the lower one of the mirrored observations. */
function mirrored(values: readonly number[], lower: (side: readonly number[]) => number): Bounds {
  return {
    lower: Math.max(0, lower(values)),
    upper: Math.min(1, 1 - lower(values.map((value) => 1 - value))),
  }
}

/** Bets that were fixed before each observation came: `bets[t]` may depend on the observations before t only. */
function predictableBets(values: readonly number[], alpha: number): number[] {
  let sum = 0.5
  let squares = 0.25
  let variance = 0.25
  return values.map((value, index) => {
    const t = index + 1
    const bet = Math.sqrt((2 * Math.log(1 / alpha)) / (variance * t * Math.log(1 + t)))
    sum += value
    squares += (value - sum / (t + 1)) ** 2
    variance = squares / (t + 1)
    return bet
  })
}
