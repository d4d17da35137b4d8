import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeFluency } from './judge-fluency.ts'

testEvaluator(judgeFluency, {
  good: { judgeLabel: 'fluent' },
  bad: { judgeLabel: 'not_fluent' },
})

test('partly_fluent is half', async () => {
  const judge = fixedJudge({ label: 'partly_fluent' })
  expect(await verdictOf(judgeFluency, {}, { judge })).toMatchObject({ value: 0.5 })
})
