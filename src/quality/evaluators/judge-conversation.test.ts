import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeConversation } from './judge-conversation.ts'

testEvaluator(judgeConversation, {
  good: { judgeLabel: 'consistent' },
  bad: { judgeLabel: 'contradictory' },
})

test('one turn is no conversation', async () => {
  const judge = fixedJudge({ label: 'not_applicable' })
  expect(await verdictOf(judgeConversation, {}, { judge })).toMatchObject({ outcome: 'skipped' })
})
