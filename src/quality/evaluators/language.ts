import { detectAll } from 'tinyld'
import { z } from 'zod'
import { codeVersion, defineEvaluator, type Verdict } from '../evaluator.ts'

export const language = defineEvaluator({
  kind: 'language',
  summary: 'Checks that the answer is in the expected language, by default that of the prompt.',
  dimension: 'language',
  needsJudge: false,
  example: {
    prompt: 'What is the capital of Peru, and how large is it?',
    answer: 'Die Hauptstadt von Peru ist Lima, eine sehr große Stadt am Meer.',
    label: 'de',
    value: 0,
  },
  config: z.strictObject({
    expected: z
      .string()
      .regex(/^[a-z]{2}$/, 'expected an ISO 639-1 code, e.g. en')
      .optional()
      .describe('Language as ISO 639-1 code; without it the prompt’s own.'),
    minimumLetters: z
      .int()
      .min(1)
      .default(20)
      .describe('Shorter texts are skipped: their language is a guess.'),
  }),
  version: (config) => codeVersion('language', 1, config),
  async evaluate(subject, config) {
    const answer = guessesOf(subject.answer, config.minimumLetters)
    if (answer === undefined) {
      return { outcome: 'skipped', reason: 'the answer is too short to tell its language' }
    }
    const expected =
      config.expected ?? guessesOf(subject.prompt, config.minimumLetters)?.[0]?.language
    if (expected === undefined) {
      return { outcome: 'skipped', reason: 'the prompt is too short to tell its language' }
    }
    return compare(answer, expected)
  },
})

function compare(answer: readonly Guess[], expected: string): Verdict {
  const [best] = answer
  if (best === undefined || best.language === expected) {
    return { outcome: 'scored', value: 1, label: expected, reason: `the answer is ${expected}` }
  }
  const rival = answer.find((guess) => guess.language === expected)
  // Two close guesses are no evidence of the wrong language.
  if (rival !== undefined && rival.weight > best.weight / 2) {
    return { outcome: 'skipped', reason: `the answer may be ${best.language} or ${expected}` }
  }
  const reason = `the answer is ${best.language}, expected ${expected}`
  return { outcome: 'scored', value: 0, label: best.language, reason }
}

interface Guess {
  readonly language: string
  readonly weight: number
}

/** Enough to tell a language; detection costs about a millisecond for each thousand characters. */
const longestText = 1_000

/** Languages of a text, likeliest first and never none; `undefined` where there is too little prose to tell. */
function guessesOf(text: string, minimumLetters: number): readonly Guess[] | undefined {
  const prose = text
    .slice(0, longestText)
    .replaceAll(/```[\s\S]*?(?:```|$)/g, ' ')
    .replaceAll(/`[^`]*`|\[redacted:[\w-]+\]|https?:\/\/\S+/g, ' ')
  const letters = prose.match(/\p{L}/gu)?.length ?? 0
  // One Han or Kana character says about as much as three letters.
  const dense = prose.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0
  if (letters + 2 * dense < minimumLetters) return undefined
  const guesses = detectAll(prose).map(({ lang, accuracy }) => ({
    language: lang,
    weight: accuracy,
  }))
  return guesses.length === 0 ? undefined : guesses
}
