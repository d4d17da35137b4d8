import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { answerRelevance } from './answer-relevance.ts'

testEvaluator(answerRelevance, {
  otherConfig: { minimumLetters: 10 },
  good: { prompt: 'the capital of Peru', answer: 'Lima is the capital of Peru' },
  bad: { prompt: 'the capital of Peru', answer: 'yesterday I had pasta' },
})

test('short answers and absent prompts are skipped', async () => {
  expect(await verdictOf(answerRelevance, { answer: '42' })).toMatchObject({ outcome: 'skipped' })
  const alone = { prompt: '', answer: 'A sentence that is long enough.' }
  expect(await verdictOf(answerRelevance, alone)).toMatchObject({ outcome: 'skipped' })
})

test('of a long prompt the end is compared', async () => {
  const prompt = `${'unrelated material '.repeat(200)} which bridge opened first`
  const subject = { prompt, answer: 'which bridge opened first' }
  const config = { promptCharacters: 26 }
  expect(await verdictOf(answerRelevance, subject, { config })).toMatchObject({ value: 1 })
})
