import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeCoherence } from './judge-coherence.ts'

testEvaluator(judgeCoherence, {
  good: { judgeLabel: 'coherent' },
  bad: { judgeLabel: 'incoherent' },
})

test('partly_coherent is half', async () => {
  const judge = fixedJudge({ label: 'partly_coherent' })
  expect(await verdictOf(judgeCoherence, {}, { judge })).toMatchObject({ value: 0.5 })
})
