import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  age,
  bounds,
  count,
  halfWidth,
  percent,
  perSecond,
  plural,
  seconds,
  usd,
} from './format.ts'

test.each([
  [null, '–'],
  [0, '$0.00'],
  [5.752, '$5.75'],
  [0.0042, '$0.0042'],
  [0.000_56, '$0.00056'],
  [1204.4, '$1,204'],
  [184.93, '$184.93'],
])('usd %s is %s', (value, text) => expect(usd(value)).toBe(text))

test.each([
  [null, '–'],
  [0, '0%'],
  [0.31, '31%'],
  [0.077, '7.7%'],
  [0.0012, '0.12%'],
  [0.000_01, '<0.01%'],
  [1, '100%'],
])('percent %s is %s', (value, text) => expect(percent(value)).toBe(text))

test.each([
  [null, '–'],
  [0.412, '412 ms'],
  [0.9996, '1.00 s'],
  [2.306, '2.31 s'],
  [12.44, '12.4 s'],
  [180, '3 min'],
])('seconds %s is %s', (value, text) => expect(seconds(value)).toBe(text))

test.each([
  [18_432, '18,432'],
  [267_400, '267k'],
  [999_499, '999k'],
  [12_400_000, '12.4M'],
])('count %s is %s', (value, text) => expect(count(value)).toBe(text))

test.each([
  [0, '0 s'],
  [42_000, '42 s'],
  [240_000, '4 min'],
  [10_800_000, '3 h'],
  [172_800_000, '2 d'],
])('age %s is %s', (ms, text) => expect(age(ms)).toBe(text))

test('intervals keep the digit that says they are not zero', () => {
  expect(bounds(0.82, 0.885)).toBe('0.82–0.89')
  expect(bounds(0.828, 0.832)).toBe('0.828–0.832')
  expect(bounds(1, 1)).toBe('1.00–1.00')
  expect(halfWidth(0.8, 0.84)).toBe('±0.02')
  expect(halfWidth(0.8, 0.806)).toBe('±0.003')
  expect(halfWidth(0.8, 0.8)).toBe('±0.00')
})

test('nouns agree', () => {
  expect(plural(1, 'GPU')).toBe('1 GPU')
  expect(plural(0, 'call')).toBe('0 calls')
})

describe('no reading is never written as a number', () => {
  test.each([usd, percent, seconds, count, perSecond])('%o', (format) => {
    expect(format(null)).toBe('–')
    expect(format(undefined)).toBe('–')
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (value) => {
        expect(format(value)).toMatch(/\d/)
        expect(format(value)).not.toMatch(/NaN|Infinity|undefined/)
      }),
    )
  })
})

test('a positive amount never reads as zero dollars', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-7, max: 1e6, noNaN: true }), (value) => {
      expect(Number(usd(value).replace(/[$,]/g, ''))).toBeGreaterThan(0)
    }),
  )
})
