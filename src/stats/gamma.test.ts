import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { gammaAbove, gammaBelow, logGamma } from './gamma.ts'
import { normalProbability, normalQuantile } from './normal.ts'

test('whole numbers give factorials', () => {
  expect(Math.exp(logGamma(6))).toBeCloseTo(120, 9)
  expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 12)
})

test('shape 1 is the exponential distribution', () => {
  for (const x of [0, 0.1, 1, 5, 30]) {
    expect(gammaBelow(1, x)).toBeCloseTo(1 - Math.exp(-x), 14)
    expect(Math.abs(gammaAbove(1, x) / Math.exp(-x) - 1)).toBeLessThan(1e-12)
  }
})

test('the two sides add up to one', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 500, noNaN: true }),
      fc.double({ min: 0, max: 1_000, noNaN: true }),
      (a, x) => Math.abs(gammaBelow(a, x) + gammaAbove(a, x) - 1) < 1e-12,
    ),
  )
})

test('the normal distribution function undoes the quantile', () => {
  for (const p of [1e-9, 0.001, 0.025, 0.5, 0.9, 0.999]) {
    expect(Math.abs(normalProbability(normalQuantile(p)) / p - 1)).toBeLessThan(1e-9)
  }
})

test('refuses arguments outside its domain', () => {
  expect(() => gammaBelow(0, 1)).toThrow('a = 0')
  expect(() => gammaAbove(1, -1)).toThrow('x = -1')
})
