import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeRelevance } from './judge-relevance.ts'

testEvaluator(judgeRelevance, {
  good: { judgeLabel: 'relevant' },
  bad: { judgeLabel: 'irrelevant' },
})

test('the judge’s label and reason are the verdict’s', async () => {
  const judge = fixedJudge({ label: 'irrelevant', reason: 'because' })
  expect(await verdictOf(judgeRelevance, {}, { judge })).toMatchObject({
    outcome: 'scored',
    value: 0,
    label: 'irrelevant',
    reason: 'because',
  })
})

test('a part of the request is half', async () => {
  const judge = fixedJudge({ label: 'partly_relevant' })
  expect(await verdictOf(judgeRelevance, {}, { judge })).toMatchObject({ value: 0.5 })
})
