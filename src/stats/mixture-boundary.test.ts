import { describe, expect, test } from 'vitest'
import { bernoulliSequence } from './bernoulli-sequence.ts'
import {
  bestRho,
  betaBinomialMixture,
  gammaExponentialMixture,
  gammaPoissonMixture,
  mixtureBound,
  oneSidedNormalMixture,
  twoSidedNormalMixture,
} from './mixture-boundary.ts'
import { createRandom } from './random.ts'

// Reference values of the `confseq` project's own tests (its reference implementation is in R).
const tuning = { variance: 100, alpha: 0.05 }
const span = { below: 0.2, above: 0.8 }

test('the best rho', () => {
  expect(bestRho(tuning)).toBeCloseTo(12.60056, 5)
})

test.each([
  ['two-sided normal', twoSidedNormalMixture(tuning), -0.6510052, 30.35209],
  ['one-sided normal', oneSidedNormalMixture(tuning), -0.06502391, 27.66071],
  ['gamma-exponential', gammaExponentialMixture(tuning, 2), -0.2490165, 33.02017],
  ['gamma-Poisson', gammaPoissonMixture(tuning, 2), -0.06991219, 30.1949],
  ['two-sided beta-binomial', betaBinomialMixture(tuning, span, 'two'), -0.6941012, 31.4308],
  ['one-sided beta-binomial', betaBinomialMixture(tuning, span, 'one'), -0.07134019, 28.41238],
])('%s mixture', (_, mixture, logValue, bound) => {
  expect(Math.abs(mixture.logValue(10, 100) - logValue)).toBeLessThan(1e-5)
  expect(Math.abs(mixtureBound(mixture, 100, 0.05) - bound)).toBeLessThan(1e-5)
})

test('a bound never passes the largest possible sum', () => {
  const mixture = betaBinomialMixture(tuning, span, 'one')
  expect(mixtureBound(mixture, 2 * 0.2 * 0.8, 0.05)).toBeCloseTo(2 * 0.8, 5)
})

test('a random walk crosses its boundary at any of 10,000 steps with probability alpha at most', () => {
  const mixture = betaBinomialMixture({ variance: 200 }, { below: 0.2, above: 0.8 }, 'one')
  const bounds = Array.from({ length: 10_000 }, (_, step) => step)
    .filter((step) => step % 10 === 9)
    .map((step) => ({ step, bound: mixtureBound(mixture, 0.16 * (step + 1), 0.05) }))
  const random = createRandom(1)
  let crossings = 0
  const walks = 300
  for (let walk = 0; walk < walks; walk += 1) {
    let sum = 0
    let next = 0
    for (let step = 0; step < 10_000; step += 1) {
      sum += (random.chance(0.2) ? 1 : 0) - 0.2
      const checkpoint = bounds[next]
      if (checkpoint?.step !== step) continue
      next += 1
      if (sum < checkpoint.bound) continue
      crossings += 1
      break
    }
  }
  // Three standard errors above 5 % of 300.
  expect(crossings).toBeLessThanOrEqual(15 + 3 * Math.sqrt(300 * 0.05 * 0.95))
})

describe('Bernoulli confidence sequence', () => {
  test.each([
    [700, 1_000, 100, [0.651629, 0.745949]],
    [15, 50, 50, [0.129556, 0.511896]],
    [5, 50, 50, [0.013021, 0.269264]],
    [1, 50, 50, [0, 0.13489]],
    [100, 200, 1, [0.328923, 0.671076]],
    [1, 2, 50, [0, 1]],
    [0, 1, 50, [0, 1]],
    [1, 1, 50, [0, 1]],
  ])('%d of %d, tuned to %d', (successes, trials, tunedTrials, [lower, upper]) => {
    const bounds = bernoulliSequence(successes, trials, { tunedTrials })
    expect(Math.abs(bounds.lower - (lower ?? NaN))).toBeLessThan(1e-5)
    expect(Math.abs(bounds.upper - (upper ?? NaN))).toBeLessThan(1e-5)
  })

  test('a lower alpha gives a wider sequence', () => {
    const wide = bernoulliSequence(40, 50, { alpha: 0.01, tunedTrials: 50 })
    const narrow = bernoulliSequence(40, 50, { alpha: 0.1, tunedTrials: 50 })
    expect(wide.lower).toBeLessThan(narrow.lower)
    expect(wide.upper).toBeGreaterThan(narrow.upper)
  })

  test('refuses impossible counts', () => {
    expect(() => bernoulliSequence(3, 2, { tunedTrials: 10 })).toThrow('3 of 2')
  })
})
