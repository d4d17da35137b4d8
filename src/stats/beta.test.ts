import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { betaProbability, betaQuantile, studentWidth } from './beta.ts'

// Reference values: SciPy 1.17 `betainc`, `betaincinv`, `t.ppf`.
test.each([
  [0.3, 2, 3, 0.3483],
  [0.99, 0.5, 0.5, 0.9362314391414803],
  [0.001, 5, 10, 1.987036375035014e-12],
  [0.7, 200.5, 80, 0.28714243483010626],
])('I(%f; %f, %f) = %f', (x, a, b, expected) => {
  expect(betaProbability(x, a, b) / expected).toBeCloseTo(1, 10)
})

test.each([
  [0.975, 5, 10, 0.5810352571836608],
  [0.025, 45.5, 5.5, 0.7946451719769524],
  [0.025, 0.5, 20.5, 2.4246478459242733e-5],
  [0.5, 3, 3, 0.5],
])('the quantile %f of Beta(%f, %f) is %f', (probability, a, b, expected) => {
  expect(betaQuantile(probability, a, b)).toBeCloseTo(expected, 11)
})

test.each([
  [1, 12.706204736174694],
  [2.5, 3.5746548420036817],
  [9, 2.262157162798205],
  [1000, 1.9623390808264083],
])('Student with %f degrees of freedom has width %f', (degrees, expected) => {
  expect(studentWidth(0.95, degrees)).toBeCloseTo(expected, 8)
})

test('the quantile undoes the probability', () => {
  const shape = fc.double({ min: 0.3, max: 300, noNaN: true })
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (p, a, b) => {
      const x = betaQuantile(p, a, b)
      // Where the density is steep, neighbouring doubles differ by more than the tolerance.
      if (x > 1e-12 && x < 1 - 1e-12) expect(betaProbability(x, a, b)).toBeCloseTo(p, 6)
    }),
  )
})

test('bad shapes and probabilities are refused with their value', () => {
  expect(() => betaProbability(0.5, 0, 1)).toThrow('0 and 1')
  expect(() => betaQuantile(-0.1, 1, 1)).toThrow('-0.1')
})
