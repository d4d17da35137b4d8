import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  minimumScoredAnswers,
  usdPerGoodAnswer,
  usdPerMillionTokens,
  usdPerThousandCalls,
} from './unit-cost.ts'

test('published figures come out: gpt-oss-20b on one H100 at full load', () => {
  // 11,403 output tokens/s at 3.93 $/h is 0.096 $ per million output tokens; 3,366 tokens/s is 0.324 $.
  expect(usdPerMillionTokens(3.93, 11_403 * 3_600)).toBeCloseTo(0.0957, 4)
  expect(usdPerMillionTokens(3.93, 3_366 * 3_600)).toBeCloseTo(0.3243, 4)
})

test('cost per 1K calls', () => {
  expect(usdPerThousandCalls(2.876, 7_190)).toBeCloseTo(0.4, 9)
  expect(usdPerThousandCalls(0, 10)).toBe(0)
})

test('nothing served has no unit cost', () => {
  expect(usdPerThousandCalls(5, 0)).toBeNull()
  expect(usdPerMillionTokens(5, 0)).toBeNull()
})

test('cost per good answer with its interval', () => {
  const share = { value: 0.8, lower: 0.5, upper: 1, n: 40 }
  expect(usdPerGoodAnswer(4, 100, share)).toEqual({ value: 0.05, lower: 0.04, upper: 0.08, n: 40 })
})

test.each([
  ['no estimate', 100, null],
  ['too few scored', 100, { value: 0.8, lower: 0.5, upper: 1, n: minimumScoredAnswers - 1 }],
  ['nothing succeeded', 0, { value: 0.8, lower: 0.5, upper: 1, n: 40 }],
  ['no good answer', 100, { value: 0, lower: 0, upper: 0.1, n: 40 }],
  ['none good is possible', 100, { value: 0.1, lower: 0, upper: 0.3, n: 40 }],
])('cost per good answer is undefined: %s', (_, successes, share) => {
  expect(usdPerGoodAnswer(4, successes, share)).toBeNull()
})

test('the interval holds the estimate and each good answer costs at least as much as each success', () => {
  const bounds = fc.tuple(
    fc.double({ min: 0.001, max: 1, noNaN: true }),
    fc.double({ min: 0.001, max: 1, noNaN: true }),
    fc.double({ min: 0.001, max: 1, noNaN: true }),
  )
  const law = fc.property(bounds, fc.integer({ min: 1, max: 1e9 }), (shares, successes) => {
    const [lower = 0, value = 0, upper = 0] = shares.toSorted((a, b) => a - b)
    const cost = usdPerGoodAnswer(10, successes, { value, lower, upper, n: 50 })
    expect(cost).not.toBeNull()
    if (cost === null) return
    expect(cost.lower).toBeLessThanOrEqual(cost.value)
    expect(cost.value).toBeLessThanOrEqual(cost.upper)
    expect(cost.lower).toBeGreaterThanOrEqual(10 / successes)
  })
  fc.assert(law)
})
