import type { QuestionFamily, Question } from './question.ts'
import { wrongNumber } from './numbers.ts'

const words =
  'lantern greenhouse windmill cathedral notebook umbrella keyboard mountain satellite elephant cinnamon telescope harbour pavement blueberry sandcastle locomotive marmalade penguin waterfall'.split(
    ' ',
  )

/** Counting letters and reversing words. */
export const textTask: QuestionFamily = {
  kind: 'text_task',
  make: (random) => {
    const word = random.pick(words)
    return random.chance(0.5) ? reversal(word) : letterCount(random.pick(word.split('')), word)
  },
  recognise: (prompt) => {
    const reverse = /^Reverse the word "(\w+)"\.$/.exec(prompt.trim())
    if (reverse?.[1] !== undefined) return reversal(reverse[1])
    const count = /^How many times does the letter "(\w)" occur in the word "(\w+)"\?$/.exec(
      prompt.trim(),
    )
    if (count?.[1] === undefined || count[2] === undefined) return null
    return letterCount(count[1], count[2])
  },
  wrongAnswer: (question, random) => {
    const right = question.reference ?? ''
    if (/^\d+$/.test(right)) return wrongNumber(question, random)
    const at = 1 + random.below(right.length - 1)
    const slipped = right.slice(at) + right.slice(0, at)
    return slipped === right ? `${right}s` : slipped
  },
}

function reversal(word: string): Question {
  const reference = word.split('').toReversed().join('')
  return { kind: 'text_task', prompt: `Reverse the word "${word}".`, reference, context: null }
}

function letterCount(letter: string, word: string): Question {
  return {
    kind: 'text_task',
    prompt: `How many times does the letter "${letter}" occur in the word "${word}"?`,
    reference: String(word.split(letter).length - 1),
    context: null,
  }
}
