import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeObjective } from './judge-objective.ts'

testEvaluator(judgeObjective, {
  good: { judgeLabel: 'followed' },
  bad: { judgeLabel: 'missed' },
})

test('partly_followed is half', async () => {
  const judge = fixedJudge({ label: 'partly_followed' })
  expect(await verdictOf(judgeObjective, {}, { judge })).toMatchObject({ value: 0.5 })
})
