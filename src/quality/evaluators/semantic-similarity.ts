import { z } from 'zod'
import { cosine } from '../encoder.ts'
import { contentHash } from '../content-hash.ts'
import { defineEvaluator } from '../evaluator.ts'

export const semanticSimilarity = defineEvaluator({
  kind: 'semantic_similarity',
  summary:
    'Compares the meaning of the answer with that of the attribute `reference` by embeddings.',
  dimension: 'accuracy',
  needsJudge: false,
  needs: ['encoder', 'reference'],
  about:
    'The cosine of the two vectors, laid on a line from `low` (score 0) to `high` (score 1). Anchors are fixed, so scores of different days compare. It hears what a text is about, not whether it is right: "Lima is in Peru" and "Lima is not in Peru" lie close together, and so do two different numbers. The embedded encoder reads English and the first 1,000 characters.',
  example: {
    prompt: 'What is the capital of Peru?',
    answer: 'Lima is the capital city of Peru.',
    attributes: { reference: 'The capital of Peru is Lima.' },
    label: 'similar',
    value: 1,
  },
  config: z
    .strictObject({
      low: z
        .number()
        .min(-1)
        .max(1)
        .default(0.2)
        .describe('Cosine at and under which the score is 0.'),
      high: z.number().min(-1).max(1).default(0.9).describe('Cosine from which the score is 1.'),
    })
    .refine(({ low, high }) => low < high, { path: ['high'], message: 'expected more than `low`' }),
  version: (config, _, encoder) => `semantic_similarity:1/${encoder}@${contentHash(config)}`,
  async evaluate({ answer, attributes }, { low, high }, { encoder, signal }) {
    const reference = attributes['reference'] ?? ''
    if (reference.trim() === '') {
      return { outcome: 'skipped', reason: 'the call has no attribute reference' }
    }
    if (answer.trim() === '') return { outcome: 'skipped', reason: 'the answer is blank' }
    if (encoder === undefined) return { outcome: 'failed', reason: 'no encoder is open' }
    const [left, right] = await encoder.encode([answer, reference], signal)
    if (left === undefined || right === undefined) throw new Error('the encoder left out a vector')
    const similarity = cosine(left, right)
    const value = Math.min(1, Math.max(0, (similarity - low) / (high - low)))
    return {
      outcome: 'scored',
      value,
      label: value >= 0.5 ? 'similar' : 'different',
      reason: `cosine ${similarity.toFixed(3)} to the reference`,
    }
  },
})
