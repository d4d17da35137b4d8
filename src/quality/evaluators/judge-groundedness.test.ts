import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeGroundedness } from './judge-groundedness.ts'

testEvaluator(judgeGroundedness, {
  good: { attributes: { context: 'Lima is the capital.' }, judgeLabel: 'grounded' },
  bad: { attributes: { context: 'Lima is the capital.' }, judgeLabel: 'ungrounded' },
})

test('without the attribute context there is nothing to hold the answer against', async () => {
  const judge = fixedJudge({})
  const verdict = await verdictOf(judgeGroundedness, { attributes: { context: ' ' } }, { judge })
  expect(verdict).toEqual({ outcome: 'skipped', reason: 'the call has no attribute context' })
  expect(judge.asked).toEqual([])
})

test('the judge sees the context in its own block', async () => {
  const judge = fixedJudge({})
  await verdictOf(judgeGroundedness, { attributes: { context: 'Lima it is.' } }, { judge })
  expect(judge.asked[0]?.user).toMatch(/<context-(\w{16})>\nLima it is\.\n<\/context-\1>/)
})
