import type { Random } from '../../stats/random.ts'
import type { Question, QuestionFamily } from './question.ts'

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '×': (a, b) => a * b,
}

/** Sums, differences and products of small whole numbers. */
export const arithmetic: QuestionFamily = {
  kind: 'arithmetic',
  make: (random) => {
    const operator = random.pick(Object.keys(operators))
    const largest = operator === '×' ? 90 : 900
    const [a, b] = [10 + random.below(largest), 10 + random.below(largest)]
    return arithmeticQuestion(Math.max(a, b), operator, Math.min(a, b))
  },
  recognise: (prompt) => {
    const match = /^What is (\d+) ([-+×]) (\d+)\?$/.exec(prompt.trim())
    if (match === null) return null
    return arithmeticQuestion(Number(match[1]), match[2] ?? '', Number(match[3]))
  },
  wrongAnswer: wrongNumber,
}

/** Factors of one unit in the other; all questions have whole answers. */
const conversions = [
  { from: 'kilometres', to: 'metres', factor: 1_000 },
  { from: 'kilograms', to: 'grams', factor: 1_000 },
  { from: 'litres', to: 'millilitres', factor: 1_000 },
  { from: 'metres', to: 'centimetres', factor: 100 },
  { from: 'hours', to: 'minutes', factor: 60 },
  { from: 'minutes', to: 'seconds', factor: 60 },
  { from: 'weeks', to: 'days', factor: 7 },
]

/** Units of length, mass, volume and time. */
export const unitConversion: QuestionFamily = {
  kind: 'unit_conversion',
  make: (random) => conversionQuestion(2 + random.below(97), random.pick(conversions)),
  recognise: (prompt) => {
    const match = /^How many (\w+) are (\d+) (\w+)\?$/.exec(prompt.trim())
    const conversion = conversions.find(({ from, to }) => from === match?.[3] && to === match[1])
    return conversion === undefined ? null : conversionQuestion(Number(match?.[2]), conversion)
  },
  wrongAnswer: wrongNumber,
}

function arithmeticQuestion(a: number, operator: string, b: number): Question {
  const result = operators[operator]?.(a, b) ?? Number.NaN
  const prompt = `What is ${a} ${operator} ${b}?`
  return { kind: 'arithmetic', prompt, reference: String(result), context: null }
}

function conversionQuestion(amount: number, conversion: (typeof conversions)[number]): Question {
  return {
    kind: 'unit_conversion',
    prompt: `How many ${conversion.to} are ${amount} ${conversion.from}?`,
    reference: String(amount * conversion.factor),
    context: null,
  }
}

/** Off by a little or by a power of ten, as people and models err. */
export function wrongNumber(question: Question, random: Random): string {
  const right = Number(question.reference)
  return String(random.pick([right + 1 + random.below(9), right + 10, right * 10 + 3]))
}
