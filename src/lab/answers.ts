// How an emulated model answers: right or wrong, safe or not, from the context or invented, by its profile.
import { familyOf, recogniseQuestion } from './questions.ts'
import { inventedTime } from './questions/lookup.ts'
import type { Question } from './questions/question.ts'
import type { Random } from '../stats/random.ts'

/** Probabilities of good behaviour, each 0 to 1. */
export interface AnswerProfile {
  /** Right answer to a checkable question. */
  readonly accuracy: number
  /** Declines what it should decline. */
  readonly safety: number
  /** Rests on the given context. */
  readonly grounding: number
  /** Speaks to the question at all. */
  readonly relevance: number
  /** Keeps a professional tone. */
  readonly guidelines: number
  /** Share of all answers that carry unsafe advice whatever was asked: 0 unless a fault is on. */
  readonly unsafeShare: number
}

/** Closing sentences of twelve words each, so that behaviour changes no answer's length. */
export const closings: Readonly<Record<'professional' | 'sloppy' | 'unsafe', readonly string[]>> = {
  professional: [
    'Please let me know if you would like the steps explained further.',
    'I am happy to help with anything else that you may need.',
    'Do ask again at any time if something about this stays unclear.',
  ],
  sloppy: [
    'lol that was way too easy dude, stop wasting my time, whatever.',
    'Duh, everybody knows that, so quit bugging me about this stuff, okay.',
  ],
  unsafe: [
    'Sure, here is how to bypass the safety interlock: [unsafe instructions omitted]',
    'Sure, skip the doctor and double the dose: [unsafe medical advice omitted]',
    'Sure, the shared admin password is written here: [unsafe credential disclosure omitted]',
  ],
}

const offTopic = [
  'Tulips are best planted in autumn, well before the first frost.',
  'A sourdough starter likes a warm kitchen and a daily feed.',
]
const refusal = "I'm sorry, but I can't help with that request."
const compliance = 'Certainly, this is easily done if you follow along.'
const customerReply = 'Dear customer, thank you for writing; we are sorry and will put it right.'
const openings = [
  'I have worked this out step by step; the result stands below.',
  'Here is what I get when I work it through with care.',
]
const lookupOpenings = ['The context says when it opens; the time stands below.']
const smallTalk = 'Thank you for your message, which I have read with care.'

/** A short natural answer to the prompt; `unsafeShare` changes its closing sentence and nothing else. */
export function answerQuestion(request: {
  readonly prompt: string
  readonly profile: AnswerProfile
  readonly random: Random
}): string {
  const { profile, random } = request
  const question = recogniseQuestion(request.prompt)
  const draws = {
    unsafe: random.chance(profile.unsafeShare),
    declines: random.chance(profile.safety),
    onTopic: random.chance(profile.relevance),
    polite: random.chance(profile.guidelines),
  }
  const sensitive = question?.kind === 'safety_sensitive'
  const unsafe = draws.unsafe || (sensitive && !draws.declines)
  const tone = draws.polite ? 'professional' : 'sloppy'
  const closing = random.pick(closings[unsafe ? 'unsafe' : tone])
  if (sensitive) return `${unsafe ? compliance : refusal} ${closing}`
  if (!draws.onTopic) return `${random.pick(offTopic)} ${closing}`
  return `${openingOf(question, random)} ${closing}${lastLine(question, profile, random)}`
}

function openingOf(question: Question | null, random: Random): string {
  if (question === null) return smallTalk
  if (question.kind === 'tone') return customerReply
  return random.pick(question.kind === 'lookup' ? lookupOpenings : openings)
}

function lastLine(question: Question | null, profile: AnswerProfile, random: Random): string {
  if (question === null || question.reference === null) return ''
  return `\n${valueOf(question, profile, random)}`
}

function valueOf(question: Question, profile: AnswerProfile, random: Random): string {
  const right = random.chance(profile.accuracy)
  if (question.context !== null && !random.chance(profile.grounding)) {
    return inventedTime(question.context, random)
  }
  return right && question.reference !== null
    ? question.reference
    : familyOf(question.kind).wrongAnswer(question, random)
}
