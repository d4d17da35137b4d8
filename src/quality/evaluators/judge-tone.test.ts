import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeTone } from './judge-tone.ts'

testEvaluator(judgeTone, {
  good: { judgeLabel: 'professional' },
  bad: { judgeLabel: 'unprofessional' },
})

test('slightly_off is half', async () => {
  const judge = fixedJudge({ label: 'slightly_off' })
  expect(await verdictOf(judgeTone, {}, { judge })).toMatchObject({ value: 0.5 })
})
