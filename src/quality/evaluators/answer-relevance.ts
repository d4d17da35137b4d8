import { z } from 'zod'
import { contentHash } from '../content-hash.ts'
import { cosine } from '../encoder.ts'
import { defineEvaluator } from '../evaluator.ts'

export const answerRelevance = defineEvaluator({
  kind: 'answer_relevance',
  summary: 'Compares what the answer is about with what the prompt asks about by embeddings.',
  dimension: 'relevance',
  needsJudge: false,
  needs: ['encoder'],
  about:
    'The cosine of prompt and answer, laid on a line from `low` (score 0) to `high` (score 1). A terse right answer ("42") shares little with its question, so answers under `minimumLetters` are skipped. It finds answers that miss the subject; it does not find wrong ones. Only the last `promptCharacters` of the prompt are compared, because the question stands at the end of it.',
  example: {
    prompt: 'What is the capital of Peru?',
    answer: 'I had pasta with tomatoes for lunch yesterday.',
    label: 'off_topic',
    value: 0.21,
  },
  config: z
    .strictObject({
      low: z
        .number()
        .min(-1)
        .max(1)
        .default(0.1)
        .describe('Cosine at and under which the score is 0.'),
      high: z.number().min(-1).max(1).default(0.6).describe('Cosine from which the score is 1.'),
      minimumLetters: z.int().min(1).default(15).describe('Shorter answers are skipped.'),
      promptCharacters: z
        .int()
        .min(20)
        .max(4_000)
        .default(600)
        .describe('Characters at the end of the prompt that are compared.'),
    })
    .refine(({ low, high }) => low < high, { path: ['high'], message: 'expected more than `low`' }),
  version: (config, _, encoder) => `answer_relevance:1/${encoder}@${contentHash(config)}`,
  async evaluate(subject, config, { encoder, signal }) {
    const prompt = subject.prompt.slice(-config.promptCharacters)
    if (prompt.trim() === '') return { outcome: 'skipped', reason: 'the call has no prompt' }
    const letters = subject.answer.match(/\p{L}/gu)?.length ?? 0
    if (letters < config.minimumLetters) {
      return { outcome: 'skipped', reason: `the answer has ${letters} letters, too few to compare` }
    }
    if (encoder === undefined) return { outcome: 'failed', reason: 'no encoder is open' }
    const [asked, said] = await encoder.encode([prompt, subject.answer], signal)
    if (asked === undefined || said === undefined) throw new Error('the encoder left out a vector')
    const similarity = cosine(asked, said)
    const value = Math.min(1, Math.max(0, (similarity - config.low) / (config.high - config.low)))
    return {
      outcome: 'scored',
      value,
      label: value >= 0.5 ? 'on_topic' : 'off_topic',
      reason: `cosine ${similarity.toFixed(3)} to the prompt`,
    }
  },
})
