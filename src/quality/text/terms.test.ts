import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { numbersIn, shareFound, termAgreement, termsOf } from './terms.ts'

test.each([
  ['bridges', 'bridge'],
  ['opened', 'opening'],
  ['cities', 'city'],
  ['stopped', 'stopping'],
  ['Lima’s', 'Lima'],
  ['10,000', '10000'],
  ['3.50', '3.5'],
  ['boxes', 'box'],
  ['quickly', 'quick'],
])('%s and %s are one term', (left, right) => {
  expect([...termsOf(left)]).toEqual([...termsOf(right)])
})

test.each([
  ['bus', 'bust'],
  ['1932', '1933'],
  ['3.5', '35'],
  ['thesis', 'these'],
])('%s and %s are two', (left, right) => {
  expect(termAgreement(termsOf(left), termsOf(right))).toBe(0)
})

test('stop words carry nothing, numbers are told apart', () => {
  expect(termsOf('It is the one that was there, and so on.').size).toBe(0)
  expect(numbersIn(termsOf('In 1932, 1,149 metres and 3.5 km'))).toEqual(['1932', '1149', '3.5'])
})

test('shares and agreement lie in [0,1]; a text agrees with itself, and both ways alike', () => {
  const words = fc.array(fc.constantFrom('lima', 'peru', 'the', 'bridge', '1932', 'über', '東'), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(words, words, (left, right) => {
      const [a, b] = [termsOf(left.join(' ')), termsOf(right.join(' '))]
      expect(termAgreement(a, a)).toBe(1)
      expect(termAgreement(a, b)).toBe(termAgreement(b, a))
      for (const share of [shareFound(a, b), termAgreement(a, b)]) {
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }
      expect(shareFound(a, new Set([...a, ...b]))).toBe(1)
    }),
  )
})
