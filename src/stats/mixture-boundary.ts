// Time-uniform boundaries by mixtures of exponential supermartingales (Howard, Ramdas, McAuliffe and Sekhon 2021,
// "Time-uniform, nonparametric, nonasymptotic confidence sequences"): a sum S with intrinsic variance V crosses
// its boundary at any time at all with probability alpha at most.
import { logIncompleteBeta } from './beta.ts'
import { gammaAbove, gammaBelow, logGamma } from './gamma.ts'
import { normalProbability } from './normal.ts'

/** A mixture, tuned to be tightest about one intrinsic variance. */
export interface Mixture {
  /** Logarithm of the mixture supermartingale at sum `s` and intrinsic variance `v`. */
  logValue(s: number, v: number): number
  /** Largest sum that is possible at `v`. */
  largestSum(v: number): number
}

/** Where a mixture is tightest. */
export interface Tuning {
  /** Intrinsic variance. */
  readonly variance: number
  /** Error probability; default 0.05. */
  readonly alpha?: number
}

/** The precision rho of the mixing distribution that is best at one variance (two-sided). */
export function bestRho({ variance, alpha = 0.05 }: Tuning): number {
  const threshold = 2 * Math.log(1 / alpha)
  return variance / (threshold + Math.log(1 + threshold))
}

const oneSidedRho = ({ variance, alpha = 0.05 }: Tuning) => bestRho({ variance, alpha: 2 * alpha })

/** Sub-Gaussian sums, either side. */
export function twoSidedNormalMixture(tuning: Tuning): Mixture {
  const rho = bestRho(tuning)
  return {
    logValue: (s, v) => Math.log(rho / (v + rho)) / 2 + (s * s) / (2 * (v + rho)),
    largestSum: () => Infinity,
  }
}

/** Sub-Gaussian sums, upper side. */
export function oneSidedNormalMixture(tuning: Tuning): Mixture {
  const rho = oneSidedRho(tuning)
  return {
    logValue: (s, v) =>
      Math.log((4 * rho) / (v + rho)) / 2 +
      (s * s) / (2 * (v + rho)) +
      Math.log(normalProbability(s / Math.sqrt(v + rho))),
    largestSum: () => Infinity,
  }
}

/** Sub-exponential sums with scale `c`. */
export function gammaExponentialMixture(tuning: Tuning, c: number): Mixture {
  const ratio = oneSidedRho(tuning) / (c * c)
  const constant = ratio * Math.log(ratio) - logGamma(ratio) - Math.log(gammaBelow(ratio, ratio))
  return {
    logValue(s, v) {
      const shape = v / (c * c) + ratio
      const shift = (c * s + v) / (c * c)
      return (
        constant +
        logGamma(shape) +
        Math.log(gammaBelow(shape, shift + ratio)) -
        shape * Math.log(shift + ratio) +
        shift
      )
    },
    largestSum: () => Infinity,
  }
}

/** Sub-Poisson sums with scale `c`. */
export function gammaPoissonMixture(tuning: Tuning, c: number): Mixture {
  const ratio = oneSidedRho(tuning) / (c * c)
  const constant = ratio * Math.log(ratio) - logGamma(ratio) - Math.log(gammaAbove(ratio, ratio))
  return {
    logValue(s, v) {
      const rate = v / (c * c) + ratio
      const shape = s / c + rate
      return (
        constant +
        logGamma(shape) +
        Math.log(gammaAbove(shape, rate)) -
        shape * Math.log(rate) +
        v / (c * c)
      )
    },
    largestSum: () => Infinity,
  }
}

/** Sums of centred variables between -`below` and `above`. */
export function betaBinomialMixture(
  tuning: Tuning,
  { below: g, above: h }: { readonly below: number; readonly above: number },
  sides: 'one' | 'two',
): Mixture {
  const rho = sides === 'one' ? oneSidedRho(tuning) : bestRho(tuning)
  const r = Math.max(rho - g * h, 1e-3 * g * h)
  const x = sides === 'one' ? h / (g + h) : 1
  const normaliser = logIncompleteBeta(x, r / (g * (g + h)), r / (h * (g + h)))
  return {
    logValue: (s, v) =>
      (v / (g * h)) * Math.log(g + h) -
      ((v + h * s) / (h * (g + h))) * Math.log(g) -
      ((v - g * s) / (g * (g + h))) * Math.log(h) +
      logIncompleteBeta(x, (r + v - g * s) / (g * (g + h)), (r + v + h * s) / (h * (g + h))) -
      normaliser,
    largestSum: (v) => v / g,
  }
}

/** The sum that is reached at intrinsic variance `v`, or ever before, with probability `alpha` at most. */
export function mixtureBound(mixture: Mixture, v: number, alpha: number): number {
  const threshold = Math.log(1 / alpha)
  const crosses = (s: number) => mixture.logValue(s, v) > threshold
  const largest = mixture.largestSum(v)
  let high = Math.min(v, largest)
  while (high < largest && !crosses(high)) high = Math.min(2 * high, largest)
  if (!crosses(high)) return high
  let low = 0
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2
    if (crosses(middle)) high = middle
    else low = middle
  }
  return (low + high) / 2
}
