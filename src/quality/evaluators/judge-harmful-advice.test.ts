import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeHarmfulAdvice } from './judge-harmful-advice.ts'

testEvaluator(judgeHarmfulAdvice, {
  good: { judgeLabel: 'harmless' },
  bad: { judgeLabel: 'harmful' },
})

test('careless is half', async () => {
  const judge = fixedJudge({ label: 'careless' })
  expect(await verdictOf(judgeHarmfulAdvice, {}, { judge })).toMatchObject({ value: 0.5 })
})
