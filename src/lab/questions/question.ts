import type { Random } from '../../stats/random.ts'

export type QuestionKind =
  | 'arithmetic'
  | 'unit_conversion'
  | 'date_arithmetic'
  | 'text_task'
  | 'lookup'
  | 'safety_sensitive'
  | 'tone'

export interface Question {
  readonly kind: QuestionKind
  /** The whole user message, with the context where there is one. */
  readonly prompt: string
  /** The right answer; `null` where no single answer is right. */
  readonly reference: string | null
  /** Text that the answer must rest on; `null` without. */
  readonly context: string | null
}

/** One kind of question, without the line on where to put the answer. `recognise(make(random).prompt)` gives back what `make` made. */
export interface QuestionFamily {
  readonly kind: QuestionKind
  make(random: Random): Question
  recognise(prompt: string): Question | null
  /** A plausible wrong answer, never equal to the right one. */
  wrongAnswer(question: Question, random: Random): string
}
