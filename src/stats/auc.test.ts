import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { areaUnderCurve } from './auc.ts'
import { createRandom } from './random.ts'

const win = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0)
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length

function variance(values: readonly number[]): number {
  const centre = mean(values)
  if (values.length < 2) return 0
  return values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1)
}

/** By definition: every pair compared. */
function pairwise(good: readonly number[], bad: readonly number[]) {
  const placedGood = good.map((a) => mean(bad.map((b) => win(a, b))))
  const placedBad = bad.map((b) => mean(good.map((a) => win(a, b))))
  return {
    value: mean(placedGood),
    variance: variance(placedGood) / good.length + variance(placedBad) / bad.length,
  }
}

const logit = (x: number) => Math.log(x / (1 - x))

// Few distinct values, so that there are many ties.
const scores = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 25 })

test('it is the share of pairs in order, and its interval has DeLong’s width on the logit scale', () => {
  fc.assert(
    fc.property(scores, scores, (good, bad) => {
      const found = areaUnderCurve(good, bad)
      const { value, variance: spread } = pairwise(good, bad)
      expect(found?.value).toBeCloseTo(value, 10)
      expect(found?.n).toBe(good.length + bad.length)
      if (found === null || spread < 1e-12 || value < 1e-9 || value > 1 - 1e-9) return
      const width = (1.959964 * Math.sqrt(spread)) / (value * (1 - value))
      expect(logit(found.upper) - logit(value)).toBeCloseTo(width, 3)
      expect(logit(value) - logit(found.lower)).toBeCloseTo(width, 3)
    }),
  )
})

test('turned scores give the complement', () => {
  fc.assert(
    fc.property(scores, scores, (good, bad) => {
      const turned = areaUnderCurve(bad, good)
      expect((areaUnderCurve(good, bad)?.value ?? 0) + (turned?.value ?? 0)).toBeCloseTo(1, 10)
    }),
  )
})

test('perfect order keeps an interval, absent kinds give none', () => {
  const perfect = areaUnderCurve([3, 4, 5], [0, 1, 2])
  expect(perfect).toMatchObject({ value: 1 })
  expect(perfect?.lower).toBeLessThan(0.9)
  expect(areaUnderCurve([], [1])).toBeNull()
  expect(areaUnderCurve([1], [])).toBeNull()
})

test('the interval holds the true value about as often as it says', () => {
  const random = createRandom('auc')
  // Uniform against uniform raised by 0.3: the truth is 1 - 0.7² / 2.
  const truth = 1 - 0.7 ** 2 / 2
  let inside = 0
  for (let study = 0; study < 400; study += 1) {
    const good = Array.from({ length: 60 }, () => random.next() + 0.3)
    const bad = Array.from({ length: 40 }, () => random.next())
    const found = areaUnderCurve(good, bad)
    if (found !== null && found.lower <= truth && truth <= found.upper) inside += 1
  }
  expect(inside / 400).toBeGreaterThan(0.91)
  expect(inside / 400).toBeLessThan(0.99)
})
