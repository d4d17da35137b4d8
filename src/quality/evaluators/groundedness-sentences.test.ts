import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { groundednessSentences } from './groundedness-sentences.ts'

const context =
  'The harbour bridge was opened in March 1932. Its arch spans 503 metres. Trains and cars cross it every day. The toll is not charged at night.'

testEvaluator(groundednessSentences, {
  otherConfig: { share: 0.9 },
  good: { answer: 'The harbour bridge was opened in 1932.', attributes: { context } },
  bad: { answer: 'The harbour bridge was opened in 1952.', attributes: { context } },
})

test('the unsupported sentences are in the reason, with why', async () => {
  const answer =
    'The bridge was opened in March 1932. The arch spans 530 metres. Volunteers from Canada paint its towers. I hope this helps!'
  const verdict = await verdictOf(groundednessSentences, { answer, attributes: { context } })
  expect(verdict).toMatchObject({ value: expect.closeTo(1 / 3, 5), label: 'partly_grounded' })
  expect(verdict.reason).toContain('530 is not in the context')
  expect(verdict.reason).toContain('Volunteers from Canada')
  expect(verdict.reason).not.toContain('March 1932')
  expect(verdict.reason).not.toContain('hope')
})

test.each([
  ['The toll is charged at night.', 0],
  ['The toll is not charged at night.', 1],
  ['Cars and trains are crossing it daily, each day.', 1],
  ['The arch of the bridge, opened in 1932, spans 503 metres.', 1],
])('%s: %d', async (answer, value) => {
  const verdict = await verdictOf(groundednessSentences, { answer, attributes: { context } })
  expect(verdict).toMatchObject({ outcome: 'scored', value })
})

test('without a context or a claim there is no score', async () => {
  expect(await verdictOf(groundednessSentences, {})).toMatchObject({ outcome: 'skipped' })
  const greeting = { answer: 'Hello there!', attributes: { context } }
  expect(await verdictOf(groundednessSentences, greeting)).toMatchObject({ outcome: 'skipped' })
})
