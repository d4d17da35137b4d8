import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { completeness } from './completeness.ts'

const prompt = 'What is the capital of Peru? Describe the climate of its coast.'

testEvaluator(completeness, {
  otherConfig: { basis: 'prompt' },
  good: { prompt, answer: 'The capital is Lima. The coast has a desert climate.' },
  bad: { prompt, answer: 'The capital is Lima.' },
})

test.each([
  ['Give three examples of fruit.', '1. Apple\n2. Pear\n3. Plum', 1],
  ['Give three examples of fruit.', 'Apples, pears and plums.', 1],
  ['Give three examples of fruit.', 'Apples.', 0],
  ['List 5 benefits of sleep.', '- rest\n- memory\n- mood', 0],
])('%s / %s: %d', async (asked, answer, value) => {
  expect(await verdictOf(completeness, { prompt: asked, answer })).toMatchObject({ value })
})

test('what is not taken up is named', async () => {
  const verdict = await verdictOf(completeness, { prompt, answer: 'The capital is Lima.' })
  expect(verdict).toMatchObject({ value: 0.5, label: 'incomplete' })
  expect(verdict.reason).toContain('Describe the climate')
})

test('an answer that is cut off lacks a part', async () => {
  const answer = `The capital is Lima. The coast has a desert climate. ${'It is mild there. '.repeat(30)}In the`
  const verdict = await verdictOf(completeness, { prompt, answer })
  expect(verdict).toMatchObject({ value: 0.5, reason: 'the answer is cut off' })
  expect(await verdictOf(completeness, { prompt, answer: `${answer} end.` })).toMatchObject({
    value: 1,
  })
})

test('a reference is held against the answer', async () => {
  const attributes = { reference: 'Lima, founded 1535' }
  const subject = { answer: 'Lima was founded in 1535.', attributes }
  expect(await verdictOf(completeness, subject)).toMatchObject({ value: 1 })
  const verdict = await verdictOf(completeness, { ...subject, answer: 'It is Lima.' })
  expect(verdict).toMatchObject({ value: expect.closeTo(1 / 3, 5) })
  expect(verdict.reason).toContain('1535')
})

test('one plain question is skipped', async () => {
  const verdict = await verdictOf(completeness, { prompt: 'What is the capital of Peru?' })
  expect(verdict).toMatchObject({ outcome: 'skipped' })
})
