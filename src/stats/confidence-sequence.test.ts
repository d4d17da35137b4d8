import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bettingCapital,
  bettingSequence,
  empiricalBernsteinSequence,
  hoeffdingSequence,
} from './confidence-sequence.ts'
import { createRandom } from './random.ts'

const repeat = (pattern: readonly number[], times: number) =>
  Array.from({ length: times }, () => pattern).flat()
const binary = repeat([1, 1, 0, 1, 1, 1, 0, 1, 1, 1], 10)
const continuous = repeat([0.9, 0.85, 0.95, 0.7, 0.8, 0.92, 0.88, 0.6, 0.97, 0.75], 10)

// Reference values: runs of the `confseq` project's code.
describe('intervals at one time', () => {
  test.each([
    [50, [0.576792, 1], [0.594818, 1], [0.614, 0.936]],
    [100, [0.653157, 0.939814], [0.646947, 0.95049], [0.667, 0.908]],
  ])('%d binary values', (count, bernstein, hoeffding, betting) => {
    const values = binary.slice(0, count)
    expectBounds(empiricalBernsteinSequence(values), bernstein, 1e-6)
    expectBounds(hoeffdingSequence(values), hoeffding, 1e-6)
    expectBounds(bettingSequence(values), betting, 1e-9)
  })

  test('100 continuous values', () => {
    expectBounds(empiricalBernsteinSequence(continuous), [0.749978, 0.910931], 1e-6)
    expectBounds(bettingSequence(continuous), [0.77, 0.866], 1e-9)
  })
})

function expectBounds(
  found: { lower: number; upper: number },
  [lower, upper]: readonly number[],
  tolerance: number,
) {
  expect(Math.abs(found.lower - (lower ?? NaN))).toBeLessThanOrEqual(tolerance)
  expect(Math.abs(found.upper - (upper ?? NaN))).toBeLessThanOrEqual(tolerance)
}

describe('capital', () => {
  test.each([
    [0.5, 159_333.2092],
    [0.7, 3.79055803],
    [0.8, 0.0262809389],
    [0.9, 11.5450988],
    [0.95, 512.067036],
  ])('hedged against a mean of %d', (mean, capital) => {
    const found = bettingCapital(binary, mean).at(-1) ?? NaN
    expect(Math.abs(found / capital - 1)).toBeLessThan(1e-6)
  })

  test.each([
    [0.9, 20.8975758, 97],
    [0.95, 673.209906, 27],
  ])('one-sided below %d', (mean, capital, firstCrossing) => {
    const path = bettingCapital(binary, mean, { side: 'below' })
    expect(Math.abs((path.at(-1) ?? NaN) / capital - 1)).toBeLessThan(1e-6)
    expect(path.findIndex((value) => value >= 20) + 1).toBe(firstCrossing)
  })

  test('is never negative', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (values, mean) => bettingCapital(values, mean).every((capital) => capital >= 0),
      ),
    )
  })

  test('refutes the truth at any of 1,000 looks with probability alpha at most', () => {
    const random = createRandom(3)
    const runs = 500
    const wrong = Array.from({ length: runs }, () =>
      bettingCapital(
        Array.from({ length: 1_000 }, () => (random.chance(0.9) ? 1 : 0)),
        0.9,
      ).some((capital) => capital >= 20),
    ).filter(Boolean).length
    expect(wrong).toBeLessThanOrEqual(runs * 0.05 + 3 * Math.sqrt(runs * 0.05 * 0.95))
  })
})

test.each([bettingOf, empiricalBernsteinSequence, hoeffdingSequence])(
  'a higher confidence contains a lower one: %o',
  (sequence) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (values) => {
          const [wide, narrow] = [sequence(values, 0.01), sequence(values, 0.2)]
          expect(wide.lower).toBeLessThanOrEqual(narrow.lower + 1e-12)
          expect(wide.upper).toBeGreaterThanOrEqual(narrow.upper - 1e-12)
        },
      ),
      { numRuns: 30 },
    )
  },
)

function bettingOf(values: readonly number[], alpha: number) {
  return bettingSequence(values, { alpha, grid: 100 })
}
