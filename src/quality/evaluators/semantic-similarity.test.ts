import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { semanticSimilarity } from './semantic-similarity.ts'

testEvaluator(semanticSimilarity, {
  otherConfig: { high: 0.8 },
  good: { answer: 'Lima', attributes: { reference: 'Lima' } },
  bad: { answer: 'Cusco', attributes: { reference: 'Lima' } },
})

test('the score lies on the line between the anchors', async () => {
  // Half of the words are common, so the cosine is 0.5.
  const subject = { answer: 'lima cusco', attributes: { reference: 'lima quito' } }
  const scored = (config: object) => verdictOf(semanticSimilarity, subject, { config })
  expect(await scored({ low: 0.2, high: 0.9 })).toMatchObject({ value: expect.closeTo(3 / 7, 5) })
  expect(await scored({ low: 0, high: 1 })).toMatchObject({ value: expect.closeTo(0.5, 5) })
  expect(await scored({ low: 0.6, high: 0.9 })).toMatchObject({ value: 0, label: 'different' })
  expect(() => scored({ low: 0.9, high: 0.9 })).toThrow('expected more than `low`')
})

test('nothing to compare with is no score', async () => {
  expect(await verdictOf(semanticSimilarity, { attributes: {} })).toMatchObject({
    outcome: 'skipped',
  })
  const blank = { answer: ' \n', attributes: { reference: 'Lima' } }
  expect(await verdictOf(semanticSimilarity, blank)).toMatchObject({ outcome: 'skipped' })
})

test('an encoder that is away is a failure of ours, not of the answer', async () => {
  const away = {
    name: 'away',
    encode: () => Promise.reject(new Error('away')),
    close: () => Promise.resolve(),
  }
  const subject = { attributes: { reference: 'Lima' } }
  await expect(verdictOf(semanticSimilarity, subject, { encoder: away })).rejects.toThrow('away')
})
