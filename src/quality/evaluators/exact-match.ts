import { z } from 'zod'
import { codeVersion, defineEvaluator } from '../evaluator.ts'

export const exactMatch = defineEvaluator({
  kind: 'exact_match',
  summary: 'Compares the answer with the call’s attribute `reference`; numbers as numbers.',
  dimension: 'accuracy',
  needsJudge: false,
  needs: ['reference'],
  example: {
    config: { part: 'last_number' },
    prompt: 'What is 6 times 7?',
    answer: 'Six sevens make 42.0',
    attributes: { reference: '42' },
    label: 'match',
    value: 1,
  },
  config: z.strictObject({
    part: z
      .enum(['whole', 'last_line', 'last_number'])
      .default('whole')
      .describe(
        'Part of the answer that is compared: all of it, its last line, or the last number in it.',
      ),
    tolerance: z
      .number()
      .min(0)
      .max(1)
      .default(1e-9)
      .describe('Largest relative difference at which two numbers are equal.'),
  }),
  version: (config) => codeVersion('exact_match', 1, config),
  async evaluate(subject, config) {
    const reference = subject.attributes['reference']?.trim() ?? ''
    if (reference === '') {
      return { outcome: 'skipped', reason: 'the call has no attribute reference' }
    }
    const part = partOf(subject.answer, config.part)
    const equal = part !== undefined && same(part, reference, config.tolerance)
    return {
      outcome: 'scored',
      value: equal ? 1 : 0,
      label: equal ? 'match' : 'mismatch',
      reason:
        part === undefined
          ? 'the answer holds no number'
          : `${quoted(part)} ${equal ? 'equals' : 'differs from'} ${quoted(reference)}`,
    }
  },
})

function partOf(answer: string, part: 'whole' | 'last_line' | 'last_number'): string | undefined {
  if (part === 'whole') return answer
  if (part === 'last_number') return answer.match(anyNumber)?.at(-1)
  return answer.trimEnd().split('\n').at(-1)
}

function same(answer: string, reference: string, tolerance: number): boolean {
  const left = numberOf(answer)
  const right = numberOf(reference)
  if (left === undefined || right === undefined) return normalised(answer) === normalised(reference)
  return Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right))
}

const anyNumber = /[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?/g
const wholeNumber = new RegExp(`^${anyNumber.source}$`)

/** The number that the text is, with thousands separators and a closing stop allowed; else `undefined`. */
function numberOf(text: string): number | undefined {
  const plain = text
    .normalize('NFKC')
    .trim()
    .replace(/\.$/, '')
    .replace(/^[−–](?=\d)/, '-')
  return wholeNumber.test(plain) ? Number(plain.replaceAll(',', '')) : undefined
}

/** Case, white space, Unicode forms and marks around the text do not matter; what stands inside it does. */
function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s"'“”‘’`*_.,;:!?¿¡]+|[\s"'“”‘’`*_.,;:!?]+$/g, '')
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
