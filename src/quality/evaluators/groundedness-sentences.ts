import { z } from 'zod'
import { codeVersion, defineEvaluator } from '../evaluator.ts'
import { passagesOf, supportOf } from '../text/support.ts'
import { sentencesOf } from '../text/sentences.ts'

export const groundednessSentences = defineEvaluator({
  kind: 'groundedness_sentences',
  summary:
    'Looks for the support of each sentence of the answer in the attribute `context`; the score is the share supported.',
  dimension: 'groundedness',
  needsJudge: false,
  needs: ['context'],
  about:
    'A sentence is supported when some three neighbouring sentences of the context hold at least `share` of its content words, when each of its numbers stands in the context, and when the sentence of the context nearest to it does not deny what it affirms. Sentences with fewer than `minimumTerms` content words, and questions, claim nothing and are left out. It reads words, not meanings: a free paraphrase counts as unsupported, and a wrong claim built from the right words as supported; judge_groundedness hears both, for money. The unsupported sentences are in the reason.',
  example: {
    prompt: 'When was the bridge opened, and who built it?',
    answer: 'The bridge was opened in 1932. It was painted by volunteers from Canada.',
    attributes: {
      context: 'The harbour bridge was opened in March 1932 after eight years of building.',
    },
    label: 'partly_grounded',
    value: 0.5,
  },
  config: z.strictObject({
    share: z
      .number()
      .min(0.1)
      .max(1)
      .default(0.6)
      .describe('Share of a sentence’s content words that its passage of the context must hold.'),
    minimumTerms: z
      .int()
      .min(1)
      .default(3)
      .describe('Sentences with fewer content words are left out, e.g. "I hope this helps."'),
  }),
  version: (config) => codeVersion('groundedness_sentences', 1, config),
  async evaluate({ answer, attributes }, { share, minimumTerms }) {
    const context = attributes['context'] ?? ''
    if (context.trim() === '') {
      return { outcome: 'skipped', reason: 'the call has no attribute context' }
    }
    const passages = passagesOf(context)
    const judged = sentencesOf(answer)
      .filter(({ text }) => !text.endsWith('?'))
      .map(({ text }) => ({ text, ...supportOf(text, passages) }))
      .filter(({ terms }) => terms >= minimumTerms)
    if (judged.length === 0) {
      return { outcome: 'skipped', reason: 'the answer has no sentence that claims something' }
    }
    const unsupported = judged.filter(
      (sentence) => sentence.fault !== null || sentence.share < share,
    )
    const value = 1 - unsupported.length / judged.length
    return {
      outcome: 'scored',
      value,
      label: labelOf(value),
      reason:
        unsupported.length === 0
          ? `the context supports all ${judged.length} sentences`
          : `${unsupported.length} of ${judged.length} sentences unsupported: ${listed(unsupported)}`,
    }
  },
})

function labelOf(value: number): string {
  if (value === 1) return 'grounded'
  return value === 0 ? 'ungrounded' : 'partly_grounded'
}

/** Sentences that are quoted; a reason of pages is read by nobody. */
const longestList = 5

function listed(
  unsupported: readonly {
    readonly text: string
    readonly share: number
    readonly fault: string | null
  }[],
): string {
  const rest = unsupported.length - longestList
  const quotes = unsupported.slice(0, longestList).map(({ text, share, fault }) => {
    const why = fault ?? `${Math.round(share * 100)} % of its words found`
    return `${JSON.stringify(text.slice(0, 160))} (${why})`
  })
  return [...quotes, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}
