import type { Random } from '../../stats/random.ts'
import type { Question, QuestionFamily } from './question.ts'
import { wrongNumber } from './numbers.ts'

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months =
  'January February March April May June July August September October November December'.split(' ')
const dayMs = 86_400_000

/** Weekdays of dates and days between them. Dates are written out, so that nothing looks like a phone number. */
export const dateArithmetic: QuestionFamily = {
  kind: 'date_arithmetic',
  make: (random) => {
    const day = drawDay(random)
    if (random.chance(0.5)) return weekdayQuestion(day)
    return differenceQuestion(day, day + 2 + random.below(300))
  },
  recognise: (prompt) => {
    const weekday = /^Which day of the week was (\d+ \w+ \d+)\?$/.exec(prompt.trim())
    if (weekday?.[1] !== undefined) return weekdayQuestion(parseDay(weekday[1]))
    const difference = /^How many days are there from (\d+ \w+ \d+) to (\d+ \w+ \d+)\?$/.exec(
      prompt.trim(),
    )
    if (difference?.[1] === undefined || difference[2] === undefined) return null
    return differenceQuestion(parseDay(difference[1]), parseDay(difference[2]))
  },
  wrongAnswer: (question, random) =>
    weekdays.includes(question.reference ?? '')
      ? random.pick(weekdays.filter((name) => name !== question.reference))
      : wrongNumber(question, random),
}

function drawDay(random: Random): number {
  return Math.floor(Date.UTC(2_010, 0, 1) / dayMs) + random.below(5_000)
}

function weekdayQuestion(day: number): Question {
  return {
    kind: 'date_arithmetic',
    prompt: `Which day of the week was ${writeDay(day)}?`,
    reference: weekdays[new Date(day * dayMs).getUTCDay()] ?? null,
    context: null,
  }
}

function differenceQuestion(from: number, to: number): Question {
  return {
    kind: 'date_arithmetic',
    prompt: `How many days are there from ${writeDay(from)} to ${writeDay(to)}?`,
    reference: String(to - from),
    context: null,
  }
}

/** @param day days since 1970-01-01 */
function writeDay(day: number): string {
  const date = new Date(day * dayMs)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

function parseDay(text: string): number {
  const [day = '', month = '', year = ''] = text.split(' ')
  return Math.floor(Date.UTC(Number(year), months.indexOf(month), Number(day)) / dayMs)
}
