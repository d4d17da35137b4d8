import type { Random } from '../../stats/random.ts'
import type { Question, QuestionFamily } from './question.ts'

const places =
  'Harbour Library,Hill Museum,River Theatre,Old Mill Gallery,North Pool,Garden Cinema,Market Hall,Castle Archive'.split(
    ',',
  )

interface Fact {
  readonly place: string
  readonly time: string
}

/** A question that a short context answers: whether an answer rests on it can be checked. */
export const lookup: QuestionFamily = {
  kind: 'lookup',
  make: (random) => {
    const facts: Fact[] = []
    while (facts.length < 4) {
      const fact = { place: random.pick(places), time: drawTime(random) }
      if (facts.some(({ place, time }) => place === fact.place || time === fact.time)) continue
      facts.push(fact)
    }
    return lookupQuestion(facts, random.pick(facts).place)
  },
  recognise: (prompt) => {
    const facts = [...prompt.matchAll(/The ([A-Z][\w ]+?) opens at (\d\d:\d\d)\./g)].map(
      ([, place = '', time = '']) => ({ place, time }),
    )
    const asked = /Question: At what time does the ([A-Z][\w ]+?) open\?$/.exec(prompt.trim())
    if (asked?.[1] === undefined || facts.length === 0) return null
    return lookupQuestion(facts, asked[1])
  },
  /** Another time of the context: wrong, but not invented. */
  wrongAnswer: (question, random) => {
    const others = timesOf(question.context ?? '').filter((time) => time !== question.reference)
    return random.pick(others)
  },
}

/** A time that the context does not hold. */
export function inventedTime(context: string, random: Random): string {
  const known = timesOf(context)
  for (;;) {
    const time = drawTime(random)
    if (!known.includes(time)) return time
  }
}

function lookupQuestion(facts: readonly Fact[], place: string): Question {
  const context = facts.map((fact) => `The ${fact.place} opens at ${fact.time}.`).join(' ')
  return {
    kind: 'lookup',
    prompt: `Answer from the context alone.\nContext: ${context}\nQuestion: At what time does the ${place} open?`,
    reference: facts.find((fact) => fact.place === place)?.time ?? null,
    context,
  }
}

function timesOf(context: string): string[] {
  return [...context.matchAll(/\d\d:\d\d/g)].map(([time]) => time)
}

function drawTime(random: Random): string {
  const hour = String(7 + random.below(6)).padStart(2, '0')
  return `${hour}:${String(5 * random.below(12)).padStart(2, '0')}`
}
