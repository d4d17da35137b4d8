import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { tone } from './tone.ts'

testEvaluator(tone, {
  otherConfig: { expected: 'formal' },
  good: { answer: 'The capital of Peru is Lima.' },
  bad: { answer: 'OMG dude, that is gonna be awesome!!!' },
})

test.each([
  ['formal', 'We don’t offer refunds; that’s our policy.', 0.8],
  ['neutral', 'We don’t offer refunds; that’s our policy.', 1],
  ['friendly', 'No worries, that’s easy 😀 Just click it!', 1],
  ['neutral', 'No worries, that is easy 😀 just click it.', 0.8],
  ['friendly', 'As I already told you, this is ABSOLUTELY NOT possible here.', 0.8],
  ['neutral', 'The HTTP API of NASA is open to everyone.', 1],
])('%s: %s', async (expected, answer, value) => {
  const verdict = await verdictOf(tone, { answer }, { config: { expected } })
  expect(verdict).toMatchObject({ value: expect.closeTo(value, 9) })
})

test('signs are counted for each hundred words, and code has no tone', async () => {
  const long = `${'plain words stand here in a row. '.repeat(60)} That is awesome.`
  const verdict = await verdictOf(tone, { answer: long })
  expect('value' in verdict ? verdict.value : 0).toBeGreaterThan(0.95)
  const code = 'This is how it works:\n```\nWOW AMAZING!!!\n```'
  expect(await verdictOf(tone, { answer: code })).toMatchObject({ value: 1 })
})
