import { expect, test } from 'vitest'
import { doubleStitchingBound, empiricalProcessBound, polyStitchingBound } from './stitching.ts'

// Reference values of the `confseq` project's own tests.
test.each([
  [3, 64.48755],
  [-1, 28.99389],
])('polynomial stitching with c = %d', (c, bound) => {
  const found = polyStitchingBound(100, 0.05, { smallestVariance: 10, c })
  expect(Math.abs(found - bound)).toBeLessThan(1e-5)
})

test('the law of the iterated logarithm for the empirical process', () => {
  const found = empiricalProcessBound(1_000, 0.05, { firstTime: 100 })
  expect(Math.abs(found - 0.08204769)).toBeLessThan(1e-5)
  expect(empiricalProcessBound(99, 0.05, { firstTime: 100 })).toBe(Infinity)
  expect(() => empiricalProcessBound(1_000, 0.05, { firstTime: 100, factor: 0.7 })).toThrow('0.7')
})

test.each([
  [0.5, 68.62803],
  [0.9, 43.72119],
  [0.1, 59.96521],
])('double stitching at quantile %d', (p, bound) => {
  const found = doubleStitchingBound(p, 1_000, 0.05, { bestTime: 100 })
  expect(Math.abs(found - bound)).toBeLessThan(1e-5)
})
