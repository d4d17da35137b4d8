import { z } from 'zod'
import { codeVersion, defineEvaluator, type Verdict } from '../evaluator.ts'
import { askedParts, isCovered } from '../text/asked-parts.ts'
import { shareFound, termsOf } from '../text/terms.ts'

export const completeness = defineEvaluator({
  kind: 'completeness',
  summary:
    'Checks that the answer takes up every part that the prompt asks for, or that the reference holds.',
  dimension: 'completeness',
  needsJudge: false,
  about:
    'With an attribute `reference`, the share of its content words that the answer holds. Else the parts that the prompt asks for: numbered or listed tasks, single questions, and counts ("five examples" wants five items). A part is taken up when the answer speaks of at least a third of its content words; a count when there are that many list items. An answer that ends in the middle of a word or sentence after more than `cutAfter` characters counts one part as missing. Prompts with a single part and no count are skipped: whether one question is answered fully takes a judge.',
  example: {
    prompt:
      '1. Name the capital of Peru.\n2. Describe the climate of the coast.\n3. Suggest a typical dish.',
    answer: 'The capital of Peru is Lima. The coast has a mild desert climate.',
    label: 'incomplete',
    value: 0.67,
  },
  config: z.strictObject({
    basis: z
      .enum(['auto', 'reference', 'prompt'])
      .default('auto')
      .describe('What the answer is held against; auto takes the reference where there is one.'),
    cutAfter: z
      .int()
      .min(1)
      .default(400)
      .describe('Characters from which an answer without a closing mark counts as cut off.'),
  }),
  version: (config) => codeVersion('completeness', 1, config),
  async evaluate({ prompt, answer, attributes }, { basis, cutAfter }) {
    const reference = termsOf(attributes['reference'] ?? '')
    if (basis === 'reference' || (basis === 'auto' && reference.size > 0)) {
      return againstReference(answer, reference)
    }
    return againstPrompt({ prompt, answer, cutAfter })
  },
})

function againstReference(answer: string, reference: ReadonlySet<string>): Verdict {
  if (reference.size === 0) {
    return { outcome: 'skipped', reason: 'the call has no attribute reference with words in it' }
  }
  const said = termsOf(answer)
  const missing = [...reference].filter((term) => !said.has(term))
  const value = shareFound(reference, said)
  return {
    outcome: 'scored',
    value,
    label: labelOf(value),
    reason:
      missing.length === 0
        ? `all ${reference.size} content words of the reference`
        : `of the reference are missing: ${missing.slice(0, 10).join(', ')}`,
  }
}

function againstPrompt(subject: {
  readonly prompt: string
  readonly answer: string
  readonly cutAfter: number
}): Verdict {
  const parts = askedParts(subject.prompt)
  if (parts.length < 2 && !parts.some(({ count }) => count !== null)) {
    return { outcome: 'skipped', reason: 'the prompt asks for one thing, without a count' }
  }
  const missing = parts.filter((part) => !isCovered(part, subject.answer))
  const cut = subject.answer.length > subject.cutAfter && !isClosed(subject.answer)
  const faults = Math.min(parts.length, missing.length + (cut ? 1 : 0))
  const value = 1 - faults / parts.length
  const named = missing.slice(0, 5).map(({ text }) => JSON.stringify(text.slice(0, 80)))
  const reason = [
    ...(named.length > 0 ? [`not taken up: ${named.join(', ')}`] : []),
    ...(cut ? ['the answer is cut off'] : []),
  ].join('; ')
  return {
    outcome: 'scored',
    value,
    label: labelOf(value),
    reason: reason === '' ? `all ${parts.length} asked parts are taken up` : reason,
  }
}

function labelOf(value: number): string {
  return value >= 0.95 ? 'complete' : 'incomplete'
}

/** Whether a text ends as texts end: with a stop, a closing mark, a table, code or a list item that is a phrase. */
function isClosed(answer: string): boolean {
  const text = answer.trimEnd()
  const last = text.split('\n').at(-1) ?? ''
  return /[.!?…:;"'”’)\]}`*|>。！？]$/u.test(text) || /^\s*(?:[-*•+]|\d{1,3}[.)])\s/.test(last)
}
