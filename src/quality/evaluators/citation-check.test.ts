import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { citationCheck } from './citation-check.ts'

const sources = JSON.stringify([
  'The harbour bridge was opened in March 1932.',
  {
    url: 'https://example.org/trains/',
    title: 'Trains',
    text: 'Trains cross the bridge since 1933.',
  },
  { url: 'https://example.org/toll' },
])

testEvaluator(citationCheck, {
  config: { required: true },
  otherConfig: { required: true, share: 0 },
  good: { answer: 'The bridge was opened in 1932 [1].', attributes: { sources } },
  bad: { answer: 'The bridge was opened in 1932 [7].', attributes: { sources } },
})

test.each([
  ['Trains cross the bridge since 1933 [2].', 1],
  ['Trains cross the bridge since 1933. [2]', 1],
  ['Trains cross the bridge since 1933 [1].', 0],
  ['Trains cross the bridge since 1935 [2].', 0],
  ['Trains cross the bridge since 1933 【2†source】.', 1],
  ['Trains cross the bridge (https://example.org/trains).', 1],
  ['Trains cross the bridge ([Trains](https://example.org/trains/#top)).', 1],
  ['Trains cross the bridge (https://example.org/planes).', 0],
  ['The bridge opened in March 1932 [1]; trains cross it since 1933 [2].', 0],
])('%s: %d', async (answer, value) => {
  const verdict = await verdictOf(citationCheck, { answer, attributes: { sources } })
  expect(verdict).toMatchObject({ outcome: 'scored', value })
})

test('a source without a text is checked for existence, and the reason says so', async () => {
  const answer = 'The toll is high (https://example.org/toll).'
  const verdict = await verdictOf(citationCheck, { answer, attributes: { sources } })
  expect(verdict).toMatchObject({ value: 1 })
  expect(verdict.reason).toContain('by URL alone')
})

test('parts of a context are numbered by their marks, else in order', async () => {
  const answer = 'The toll is two euros [2].'
  const marked = { context: '[2] The toll is two euros.\n[1] The bridge is red.' }
  expect(await verdictOf(citationCheck, { answer, attributes: marked })).toMatchObject({ value: 1 })
  const plain = { context: 'The bridge is red.\n\nThe toll is two euros.' }
  expect(await verdictOf(citationCheck, { answer, attributes: plain })).toMatchObject({ value: 1 })
})

test('code and Markdown links cite nothing', async () => {
  const answer = 'Use `list[1]` or list[2] = 3.\n```\nx[1]\n```'
  const verdict = await verdictOf(citationCheck, { answer, attributes: { sources } })
  expect(verdict).toMatchObject({ outcome: 'skipped', reason: 'the answer cites nothing' })
})
