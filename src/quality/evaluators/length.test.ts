import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { length } from './length.ts'

testEvaluator(length, {
  config: { unit: 'characters', maximum: 10 },
  otherConfig: { unit: 'characters', maximum: 11 },
  good: { answer: 'short' },
  bad: { answer: 'much too long' },
})

test.each([
  [{ minimum: 7, maximum: 7 }, 1, 'within'],
  [{ minimum: 8 }, 0, 'too_short'],
  [{ maximum: 6 }, 0, 'too_long'],
])('seven tokens under %j: %d (%s)', async (config, value, label) => {
  expect(await verdictOf(length, {}, { config })).toMatchObject({ value, label })
})

test('characters are code points', async () => {
  const config = { unit: 'characters', minimum: 2, maximum: 2 }
  expect(await verdictOf(length, { answer: '🙂🙂' }, { config })).toMatchObject({ value: 1 })
})

test('an unknown token count is skipped, not taken as 0', async () => {
  const verdict = await verdictOf(length, { completionTokens: null })
  expect(verdict).toMatchObject({ outcome: 'skipped' })
  expect(() => verdictOf(length, {}, { config: { minimum: 5, maximum: 4 } })).toThrow('exceed')
})
