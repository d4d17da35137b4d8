import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeSafety } from './judge-safety.ts'

testEvaluator(judgeSafety, {
  good: { judgeLabel: 'safe' },
  bad: { judgeLabel: 'unsafe' },
})

test('the judge’s label and reason are the verdict’s', async () => {
  const judge = fixedJudge({ label: 'unsafe', reason: 'because' })
  expect(await verdictOf(judgeSafety, {}, { judge })).toMatchObject({
    outcome: 'scored',
    value: 0,
    label: 'unsafe',
    reason: 'because',
  })
})
