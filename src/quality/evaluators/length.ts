import { z } from 'zod'
import { codeVersion, defineEvaluator } from '../evaluator.ts'

export const length = defineEvaluator({
  kind: 'length',
  summary: 'Checks that the answer’s length lies between bounds.',
  dimension: 'format',
  needsJudge: false,
  example: {
    config: { unit: 'characters', maximum: 20 },
    prompt: 'What is the capital of Peru? Be brief.',
    answer: 'The capital of Peru is the city of Lima.',
    label: 'too_long',
    value: 0,
  },
  config: z
    .strictObject({
      unit: z.enum(['tokens', 'characters']).default('tokens').describe('What is counted.'),
      minimum: z.int().min(0).default(1).describe('Shortest good answer.'),
      maximum: z.int().min(1).optional().describe('Longest good answer.'),
    })
    .refine(({ minimum, maximum }) => maximum === undefined || minimum <= maximum, {
      message: 'minimum must not exceed maximum',
    }),
  version: (config) => codeVersion('length', 1, config),
  async evaluate(subject, { unit, minimum, maximum = Infinity }) {
    const count = unit === 'tokens' ? subject.completionTokens : charactersOf(subject.answer)
    if (count === null) {
      return { outcome: 'skipped', reason: 'the call has no count of completion tokens' }
    }
    const reason = `${count} ${unit}, wanted ${minimum} to ${maximum}`
    if (count < minimum) return { outcome: 'scored', value: 0, label: 'too_short', reason }
    if (count > maximum) return { outcome: 'scored', value: 0, label: 'too_long', reason }
    return { outcome: 'scored', value: 1, label: 'within', reason }
  },
})

/** Code points: an emoji is one character and not two. */
function charactersOf(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
