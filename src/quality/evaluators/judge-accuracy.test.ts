import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeAccuracy } from './judge-accuracy.ts'

testEvaluator(judgeAccuracy, {
  good: { attributes: { reference: 'Lima is the capital.' }, judgeLabel: 'correct' },
  bad: { attributes: { reference: 'Lima is the capital.' }, judgeLabel: 'incorrect' },
})

test('without the attribute reference there is nothing to hold the answer against', async () => {
  const judge = fixedJudge({})
  const verdict = await verdictOf(judgeAccuracy, { attributes: { reference: ' ' } }, { judge })
  expect(verdict).toEqual({ outcome: 'skipped', reason: 'the call has no attribute reference' })
  expect(judge.asked).toEqual([])
})

test('the judge sees the reference in its own block', async () => {
  const judge = fixedJudge({})
  await verdictOf(judgeAccuracy, { attributes: { reference: 'Lima it is.' } }, { judge })
  expect(judge.asked[0]?.user).toMatch(/<reference-(\w{16})>\nLima it is\.\n<\/reference-\1>/)
})
