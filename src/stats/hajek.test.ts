import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hajek, hajekFromSums, type HajekSums, hajekInterval } from './hajek.ts'
import { meanInterval } from './interval.ts'

/** The sums that a rollup would hold. */
function sumsOf(values: readonly number[], probabilities: readonly number[]): Required<HajekSums> {
  const sum = (term: (value: number, weight: number) => number) =>
    values.reduce((total, value, index) => total + term(value, 1 / (probabilities[index] ?? 1)), 0)
  return {
    scored: values.length,
    weight: sum((_, w) => w),
    weightSquared: sum((_, w) => w * w),
    weightedValue: sum((v, w) => w * v),
    weightedValueSquared: sum((v, w) => w * v * v),
    weightSquaredValue: sum((v, w) => w * w * v),
    weightSquaredValueSquared: sum((v, w) => w * w * v * v),
  }
}

test('a worked example by hand', () => {
  // Weights 2, 4, 4: mean (2 + 4) / 10 = 0.6.
  const result = hajek([1, 1, 0], [0.5, 0.25, 0.25])
  expect(result?.mean).toBeCloseTo(0.6, 12)
  expect(result?.nEffective).toBeCloseTo(100 / 36, 12)
  // (4 · 0.16 + 16 · 0.16 + 16 · 0.36) / 100, and with w(w - 1) = 2, 12, 12.
  expect(result?.variance).toBeCloseTo(0.0896, 12)
  expect(result?.trafficVariance).toBeCloseTo((2 * 0.16 + 12 * 0.16 + 12 * 0.36) / 100, 12)
})

test('scoring everything knows the traffic exactly but not the model', () => {
  const result = hajek([1, 1, 0], [1, 1, 1])
  expect(result?.trafficVariance).toBe(0)
  expect(result?.variance).toBeGreaterThan(0)
})

test('nothing scored is null, not zero', () => {
  expect(hajek([], [])).toBeNull()
  expect(hajekInterval([], [])).toBeNull()
  expect(
    hajekFromSums({
      scored: 0,
      weight: 0,
      weightSquared: 0,
      weightedValue: 0,
      weightedValueSquared: 0,
    }),
  ).toBeNull()
})

test('a probability of zero or a missing one is refused with its value', () => {
  expect(() => hajek([1], [0])).toThrow('not 0')
  expect(() => hajek([1, 1], [1])).toThrow('2 values but 1')
})

// Three decimals: sums cannot tell a score of 1e-300 from 0.
const value = fc.oneof(
  fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
  fc.constantFrom(0, 0.5, 1),
)
const draw = fc.record({ value, probability: fc.double({ min: 0.02, max: 1, noNaN: true }) })
const draws = fc.array(draw, { minLength: 1, maxLength: 50 })

test('equal probabilities give the plain mean and interval', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (values) => {
      const plain = meanInterval(values)
      const weighted = hajekInterval(
        values,
        values.map(() => 0.1),
      )
      expect(weighted?.value).toBeCloseTo(plain?.value ?? -1, 9)
      expect(weighted?.lower).toBeCloseTo(plain?.lower ?? -1, 6)
      expect(weighted?.upper).toBeCloseTo(plain?.upper ?? -1, 6)
    }),
  )
})

test('full sums give the interval of the values', () => {
  fc.assert(
    fc.property(draws, (drawn) => {
      const values = drawn.map((one) => one.value)
      const probabilities = drawn.map((one) => one.probability)
      const direct = hajekInterval(values, probabilities)
      const bySums = hajekFromSums(sumsOf(values, probabilities))
      expect(bySums).toEqual({
        value: expect.closeTo(direct?.value ?? -1, 9),
        lower: expect.closeTo(direct?.lower ?? -1, 4),
        upper: expect.closeTo(direct?.upper ?? -1, 4),
        n: values.length,
        nEffective: expect.closeTo(direct?.nEffective ?? -1, 6),
      })
    }),
  )
})

test('an interval from sums stays in [0,1], holds its value and has a width', () => {
  fc.assert(
    fc.property(draws, fc.boolean(), (drawn, binary) => {
      const values = drawn.map((one) => (binary ? Math.round(one.value) : one.value))
      const sums = sumsOf(
        values,
        drawn.map((one) => one.probability),
      )
      const { weightSquaredValue: _, weightSquaredValueSquared: __, ...kept } = sums
      const result = hajekFromSums(kept)
      if (result === null) throw new Error('a sample has a mean')
      expect(result.lower).toBeGreaterThanOrEqual(0)
      expect(result.upper).toBeLessThanOrEqual(1)
      expect(result.lower).toBeLessThanOrEqual(result.value + 1e-12)
      expect(result.upper).toBeGreaterThanOrEqual(result.value - 1e-12)
      expect(result.upper - result.lower).toBeGreaterThan(0)
      expect(result.nEffective).toBeLessThanOrEqual(result.n)
    }),
  )
})

test('sums of all-good answers leave room below', () => {
  const values = Array.from({ length: 10 }, () => 1)
  const result = hajekFromSums(
    sumsOf(
      values,
      values.map(() => 0.2),
    ),
  )
  expect(result).toEqual({
    value: 1,
    lower: expect.closeTo(0.7224672001, 9),
    upper: 1,
    n: 10,
    nEffective: expect.closeTo(10, 9),
  })
})
