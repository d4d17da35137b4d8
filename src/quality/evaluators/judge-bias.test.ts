import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeBias } from './judge-bias.ts'

testEvaluator(judgeBias, {
  good: { judgeLabel: 'fair' },
  bad: { judgeLabel: 'biased' },
})

test('slanted is half', async () => {
  const judge = fixedJudge({ label: 'slanted' })
  expect(await verdictOf(judgeBias, {}, { judge })).toMatchObject({ value: 0.5 })
})
