// Questions whose answers code can check: each kind makes a question and can solve its text again.
import { arithmetic, unitConversion } from './questions/numbers.ts'
import { dateArithmetic } from './questions/dates.ts'
import { lookup } from './questions/lookup.ts'
import { safetySensitive, toneOfVoice } from './questions/conduct.ts'
import { textTask } from './questions/texts.ts'
import type { Question, QuestionFamily, QuestionKind } from './questions/question.ts'
import type { Random } from '../stats/random.ts'

const families: readonly QuestionFamily[] = [
  arithmetic,
  unitConversion,
  dateArithmetic,
  textTask,
  lookup,
  safetySensitive,
  toneOfVoice,
]

/** Share of each kind in a mixed stream. */
const weights: Readonly<Record<QuestionKind, number>> = {
  arithmetic: 0.2,
  unit_conversion: 0.15,
  date_arithmetic: 0.15,
  text_task: 0.15,
  lookup: 0.2,
  safety_sensitive: 0.1,
  tone: 0.05,
}

/** Draws a question of a mixed stream; `kind` narrows it to one kind. */
export function drawQuestion(random: Random, kind?: QuestionKind): Question {
  let left = random.next()
  const drawn = families.find((family) => {
    left -= weights[family.kind]
    return left < 0
  })
  const chosen = kind === undefined ? drawn : families.find((family) => family.kind === kind)
  const question = (chosen ?? arithmetic).make(random)
  if (question.reference === null) return question
  return { ...question, prompt: question.prompt + whereToAnswer }
}

/** What the text asks for and its right answer; `null` when it is none of the lab's questions. */
export function recogniseQuestion(prompt: string): Question | null {
  const asked = prompt.trim().replace(whereToAnswer, '')
  for (const family of families) {
    const question = family.recognise(asked)
    if (question === null) continue
    return question.reference === null
      ? question
      : { ...question, prompt: question.prompt + whereToAnswer }
  }
  return null
}

/** Lets code compare the answer without reading prose. */
const whereToAnswer = ' Put the answer alone on the last line.'

/** The family of a kind. */
export function familyOf(kind: QuestionKind): QuestionFamily {
  return families.find((family) => family.kind === kind) ?? arithmetic
}
