import { z } from 'zod'
import { durationMs } from '../../config/units.ts'
import { cosine } from '../encoder.ts'
import { contentHash } from '../content-hash.ts'
import { defineEvaluator, type EvaluationContext, type Subject } from '../evaluator.ts'
import { repeatedAnswers, repeatSchema } from '../repeated-answers.ts'
import { termAgreement, termsOf } from '../text/terms.ts'

const configSchema = z.strictObject({
  compare: z
    .enum(['words', 'meaning', 'exact'])
    .default('words')
    .describe(
      'How two answers are compared: their content words (F1), the cosine of their embeddings, or equality but for case, space and marks.',
    ),
  ask: repeatSchema
    .extend({ timeout: durationMs.prefault('60s').describe('Longest wait for one answer.') })
    .optional()
    .describe(
      'Ask a model again where the call has no attribute `answers`. Each scored answer then costs `times` more generations on that server; without it such calls are skipped.',
    ),
})
type Config = z.infer<typeof configSchema>

export const consistency = defineEvaluator({
  kind: 'consistency',
  summary:
    'Compares the answer with other answers to the same prompt; the score is the mean agreement.',
  dimension: 'consistency',
  needsJudge: false,
  needs: ['answers'],
  about:
    'The other answers are the attribute `answers` (a JSON list of texts), which costs nothing, or are asked for again when `ask` is set, which costs `times` generations for each scored answer: with 3 times and 10 % sampling, the fleet carries 30 % more requests. A prompt that was redacted is not asked again, since it would be another question, and a conversation is asked again as one message. Answers that agree may all be wrong; answers that do not agree cannot all be right. With `meaning` an encoder is needed.',
  example: {
    prompt: 'In which year was the bridge opened?',
    answer: 'The bridge was opened in 1932.',
    attributes: {
      answers: '["The bridge was opened in 1932.", "It was opened in 1932, the bridge."]',
    },
    label: 'consistent',
    value: 1,
  },
  config: configSchema,
  version: (config, _, encoder) => {
    const { apiKey: _key, ...asked } = config.ask ?? {}
    const by = config.compare === 'meaning' ? `/${encoder}` : ''
    return `consistency:1${by}@${contentHash({ compare: config.compare, asked })}`
  },
  async evaluate(subject, config, context) {
    if (subject.answer.trim() === '') return { outcome: 'skipped', reason: 'the answer is blank' }
    const others = await repeatedAnswers(subject, config.ask, context.signal)
    if ('skip' in others) return { outcome: 'skipped', reason: others.skip }
    const agreements = await agreementsOf({ subject, others: others.answers, config }, context)
    const value = agreements.reduce((sum, agreement) => sum + agreement, 0) / agreements.length
    const least = Math.min(...agreements)
    const odd = others.answers[agreements.indexOf(least)] ?? ''
    return {
      outcome: 'scored',
      value,
      label: value >= 0.5 ? 'consistent' : 'inconsistent',
      reason: `agreement with ${agreements.length} other answers ${value.toFixed(2)}, least ${least.toFixed(2)} with ${JSON.stringify(odd.slice(0, 120))}`,
      costUsd: others.costUsd,
    }
  },
})

interface Compared {
  readonly subject: Subject
  readonly others: readonly string[]
  readonly config: Config
}

async function agreementsOf(
  { subject, others, config }: Compared,
  { encoder, signal }: EvaluationContext,
): Promise<readonly number[]> {
  if (config.compare === 'exact') {
    return others.map((other) => (normalised(other) === normalised(subject.answer) ? 1 : 0))
  }
  if (config.compare === 'words') {
    const terms = termsOf(subject.answer)
    return others.map((other) => termAgreement(terms, termsOf(other)))
  }
  if (encoder === undefined) throw new Error('no encoder is open')
  const [own, ...rest] = await encoder.encode([subject.answer, ...others], signal)
  if (own === undefined) throw new Error('the encoder left out a vector')
  return rest.map((vector) => Math.max(0, cosine(own, vector)))
}

function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
