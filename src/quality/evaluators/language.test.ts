import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { language } from './language.ts'

const german = 'Die Hauptstadt von Peru heißt Lima und liegt an der Küste des Pazifiks.'
const english = 'The capital of Peru is called Lima and lies on the coast of the Pacific.'

testEvaluator(language, {
  otherConfig: { expected: 'de' },
  good: { prompt: 'What is the capital of Peru called, and where is it?', answer: english },
  bad: { prompt: 'What is the capital of Peru called, and where is it?', answer: german },
})

test.each([
  ['de', german, 1],
  ['de', english, 0],
  ['fr', 'La capitale du Pérou s’appelle Lima et se trouve sur la côte.', 1],
  ['ja', 'ペルーの首都はリマで、太平洋の海岸にあります。', 1],
  ['en', '秘鲁的首都是利马，位于太平洋沿岸。', 0],
])('expected %s: %j is %d', async (expected, answer, value) => {
  expect(await verdictOf(language, { answer }, { config: { expected } })).toMatchObject({ value })
})

test('too little prose is skipped: numbers, code, redacted text', async () => {
  for (const answer of [
    '42',
    'Lima.',
    '```py\nprint("a long piece of code here")\n```',
    '[redacted:email] '.repeat(9),
  ]) {
    expect(await verdictOf(language, { answer }), answer).toMatchObject({ outcome: 'skipped' })
  }
  const verdict = await verdictOf(language, { prompt: '2+2?', answer: english })
  expect(verdict).toMatchObject({ outcome: 'skipped', reason: expect.stringContaining('prompt') })
})
