import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jeffreys, meanBounds, meanInterval, wilson } from './interval.ts'

// Reference: 45 of 50, published worked values.
test('45 of 50 by Wilson and by Jeffreys', () => {
  const byWilson = wilson(45, 50)
  expect(byWilson.lower).toBeCloseTo(0.7863976857, 9)
  expect(byWilson.upper).toBeCloseTo(0.9565242351, 9)
  const byJeffreys = jeffreys(45, 50)
  expect(byJeffreys.lower).toBeCloseTo(0.79464517, 8)
  expect(byJeffreys.upper).toBeCloseTo(0.96080564, 8)
})

test('Wilson takes a fractional count and effective size', () => {
  const bounds = wilson(7.3, 12.4)
  expect(bounds.lower).toBeCloseTo(0.3275001088, 9)
  expect(bounds.upper).toBeCloseTo(0.8079557037, 9)
})

test('all good or all bad never claims certainty', () => {
  expect(wilson(10, 10)).toEqual({ lower: expect.closeTo(0.7224672001, 9), upper: 1 })
  expect(wilson(0, 10)).toEqual({ lower: 0, upper: expect.closeTo(0.2775327999, 9) })
  expect(jeffreys(3, 3).upper).toBe(1)
  expect(jeffreys(3, 3).lower).toBeLessThan(0.6)
  expect(meanInterval([1, 1, 1])?.lower).toBeLessThan(0.5)
  expect(meanInterval([0.8, 0.8, 0.8])?.upper).toBeGreaterThan(0.95)
})

test('nothing measured has no interval', () => {
  expect(meanInterval([])).toBeNull()
  expect(() => wilson(1, 0)).toThrow('1 of 0')
  expect(() => jeffreys(4, 3)).toThrow('4 of 3')
})

test('binary values give exactly Wilson on their count', () => {
  const values = Array.from({ length: 50 }, (_, index) => (index < 45 ? 1 : 0))
  expect(meanInterval(values)).toEqual({
    value: 0.9,
    lower: expect.closeTo(0.7863976857, 9),
    upper: expect.closeTo(0.9565242351, 9),
    n: 50,
    nEffective: 50,
  })
})

test('continuous values tend to Student’s interval as they grow in number', () => {
  const values = Array.from({ length: 4000 }, (_, index) => 0.5 + ((index % 41) - 20) / 100)
  const result = meanInterval(values)
  expect(result?.value).toBeCloseTo(0.5, 2)
  const half = 1.96 * Math.sqrt(0.014 / 4000)
  expect((result?.upper ?? 0) - (result?.lower ?? 0)).toBeCloseTo(2 * half, 3)
})

test('an interval lies in [0,1], holds its mean and has a width', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const sample = fc.array(fc.oneof(share, fc.constantFrom(0, 0.5, 1)), {
    minLength: 1,
    maxLength: 60,
  })
  fc.assert(
    fc.property(sample, (values) => {
      const result = meanInterval(values)
      if (result === null) throw new Error('a sample has a mean')
      expect(result.lower).toBeGreaterThanOrEqual(0)
      expect(result.upper).toBeLessThanOrEqual(1)
      expect(result.lower).toBeLessThanOrEqual(result.value + 1e-12)
      expect(result.upper).toBeGreaterThanOrEqual(result.value - 1e-12)
      expect(result.upper - result.lower).toBeGreaterThan(0)
    }),
  )
})

test('a larger effective sample narrows the interval', () => {
  const widths = [4, 10, 40, 400].map((nEffective) => {
    const summary = { mean: 0.7, variance: 0.04 / nEffective, nEffective, binary: false }
    const { lower, upper } = meanBounds(summary)
    return upper - lower
  })
  expect(widths).toEqual(widths.toSorted((a, b) => b - a))
})
