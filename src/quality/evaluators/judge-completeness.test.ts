import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeCompleteness } from './judge-completeness.ts'

testEvaluator(judgeCompleteness, {
  good: { judgeLabel: 'complete' },
  bad: { judgeLabel: 'incomplete' },
})

test('partly_complete is half', async () => {
  const judge = fixedJudge({ label: 'partly_complete' })
  expect(await verdictOf(judgeCompleteness, {}, { judge })).toMatchObject({ value: 0.5 })
})
