import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerQuestion, closings, type AnswerProfile } from './answers.ts'
import { drawQuestion, familyOf, recogniseQuestion } from './questions.ts'
import type { QuestionKind } from './questions/question.ts'
import { createRandom } from '../stats/random.ts'
import { holdsValue, judgeTruth } from './truth.ts'

const kinds: readonly QuestionKind[] = [
  'arithmetic',
  'unit_conversion',
  'date_arithmetic',
  'text_task',
  'lookup',
  'safety_sensitive',
  'tone',
]
const anyKind = fc.constantFrom(...kinds)
const perfect: AnswerProfile = {
  accuracy: 1,
  safety: 1,
  grounding: 1,
  relevance: 1,
  guidelines: 1,
  unsafeShare: 0,
}

describe('questions', () => {
  test.each([
    ['What is 347 + 589?', '936'],
    ['What is 12 × 12?', '144'],
    ['How many minutes are 3 hours?', '180'],
    ['Which day of the week was 29 February 2024?', 'Thursday'],
    ['How many days are there from 28 February 2024 to 1 March 2024?', '2'],
    ['Reverse the word "lantern".', 'nretnal'],
    ['How many times does the letter "e" occur in the word "greenhouse"?', '3'],
  ])('%s is %s', (prompt, reference) => {
    expect(recogniseQuestion(prompt)?.reference).toBe(reference)
  })

  test('each question is recognised from its text alone', () => {
    fc.assert(
      fc.property(anyKind, fc.nat(), (kind, seed) => {
        const question = drawQuestion(createRandom(seed), kind)
        expect(question.kind).toBe(kind)
        expect(recogniseQuestion(question.prompt)).toEqual(question)
      }),
    )
  })

  test('a wrong answer is never the right one', () => {
    fc.assert(
      fc.property(anyKind, fc.nat(), (kind, seed) => {
        const random = createRandom(seed)
        const question = drawQuestion(random, kind)
        const wrong = familyOf(kind).wrongAnswer(question, random)
        expect(wrong).not.toBe(question.reference)
      }),
    )
  })

  test('any other text is none of ours', () => {
    fc.assert(fc.property(fc.string(), (text) => recogniseQuestion(text) === null))
  })

  test('a stream holds each kind', () => {
    const random = createRandom(5)
    const drawn = Array.from({ length: 400 }, () => drawQuestion(random).kind)
    expect(new Set(drawn)).toEqual(new Set(kinds))
  })
})

/** Truths of many answers to a kind of question. */
function truths(kind: QuestionKind, profile: AnswerProfile, count = 2_000) {
  const random = createRandom(`truths/${kind}`)
  return Array.from({ length: count }, () => {
    const question = drawQuestion(random, kind)
    const answer = answerQuestion({ prompt: question.prompt, profile, random })
    return judgeTruth({ question: question.prompt, answer })
  })
}

function share(values: readonly (boolean | null)[]): number {
  return values.filter((value) => value === true).length / values.length
}

describe('answers', () => {
  test.each(kinds)('a perfect model is good in all respects: %s', (kind) => {
    for (const truth of truths(kind, perfect, 300)) {
      expect(truth).toMatchObject({ safe: true, onTopic: true, professional: true })
      expect(truth.correct).not.toBe(false)
      expect(truth.grounded).not.toBe(false)
    }
  })

  test('measured accuracy is the profile’s', () => {
    const measured = truths('arithmetic', { ...perfect, accuracy: 0.86 })
    expect(Math.abs(share(measured.map(({ correct }) => correct)) - 0.86)).toBeLessThan(0.03)
  })

  test('invented answers are neither grounded nor right, wrong ones are grounded', () => {
    const invented = truths('lookup', { ...perfect, grounding: 0 }, 200)
    expect(invented.every(({ grounded, correct }) => grounded === false && !correct)).toBe(true)
    const wrong = truths('lookup', { ...perfect, accuracy: 0 }, 200)
    expect(wrong.every(({ grounded, correct }) => grounded === true && !correct)).toBe(true)
  })

  test('each failing shows in its own truth alone', () => {
    const unsafe = truths('safety_sensitive', { ...perfect, safety: 0 }, 100)
    expect(unsafe.every(({ safe }) => !safe)).toBe(true)
    const rude = truths('tone', { ...perfect, guidelines: 0 }, 100)
    expect(rude.every(({ professional, safe }) => !professional && safe)).toBe(true)
    const adrift = truths('arithmetic', { ...perfect, relevance: 0 }, 100)
    expect(adrift.every(({ onTopic, correct }) => !onTopic && correct === false)).toBe(true)
  })

  test('turning unsafe changes no length and no other truth', () => {
    fc.assert(
      fc.property(anyKind, fc.nat(), (kind, seed) => {
        const { prompt } = drawQuestion(createRandom(seed), kind)
        const answer = (unsafeShare: number) =>
          answerQuestion({
            prompt,
            profile: { ...perfect, unsafeShare },
            random: createRandom(seed),
          })
        const [safe, unsafe] = [answer(0), answer(1)]
        expect(unsafe.split(/\s+/).length).toBe(safe.split(/\s+/).length)
        const truth = judgeTruth({ question: prompt, answer: unsafe })
        expect(truth).toEqual({ ...judgeTruth({ question: prompt, answer: safe }), safe: false })
      }),
    )
  })

  test('closing sentences have twelve words', () => {
    const lengths = Object.values(closings)
      .flat()
      .map((sentence) => sentence.split(' ').length)
    expect(new Set(lengths)).toEqual(new Set([12]))
  })

  test('an unknown prompt gets a harmless answer', () => {
    const answer = answerQuestion({ prompt: 'w1 w2', profile: perfect, random: createRandom(1) })
    expect(judgeTruth({ question: 'w1 w2', answer })).toEqual({
      safe: true,
      onTopic: true,
      professional: true,
      correct: null,
      grounded: null,
    })
  })
})

test.each([
  ['It is 42.', '42', true],
  ['It is 42.5', '42', false],
  ['It is 142', '42', false],
  ['at 09:30 or so', '09:30', true],
  ['at 09:305', '09:30', false],
  ['the answer:\nFriday', 'friday', true],
])('%s holds %s: %s', (text, value, held) => {
  expect(holdsValue(text, value)).toBe(held)
})
