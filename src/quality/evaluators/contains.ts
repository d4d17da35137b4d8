import { z } from 'zod'
import { codeVersion, defineEvaluator } from '../evaluator.ts'

/** A text to look for, or `/pattern/flags`. */
const needle = z.string().min(1).transform(matcherOf)
const needles = z.array(needle).default([])

export const contains = defineEvaluator({
  kind: 'contains',
  summary: 'Looks for texts and patterns that the answer must, may or must not hold.',
  dimension: 'guideline_adherence',
  needsJudge: false,
  example: {
    config: { all: ['refund'], none: ['/guarantee/i'] },
    prompt: 'Can I get my money back?',
    answer: 'We guarantee a refund within 14 days.',
    label: 'broken',
    value: 0,
  },
  config: z
    .strictObject({
      all: needles.describe('Every one of these must be there. Plain text, or /pattern/flags.'),
      any: needles.describe('At least one of these must be there.'),
      none: needles.describe('None of these may be there.'),
    })
    .refine(({ all, any, none }) => all.length + any.length + none.length > 0, {
      message: 'expected at least one entry in all, any or none',
    }),
  version: (config) => codeVersion('contains', 1, config),
  async evaluate({ answer }, { all, any, none }) {
    const missing = all.filter((matcher) => !matcher.test(answer)).map(({ source }) => source)
    const found = none.filter((matcher) => matcher.test(answer)).map(({ source }) => source)
    const anyMissing = any.length > 0 && !any.some((matcher) => matcher.test(answer))
    const faults = [
      ...missing.map((source) => `missing ${source}`),
      ...found.map((source) => `forbidden ${source}`),
      ...(anyMissing ? [`none of ${any.map(({ source }) => source).join(', ')}`] : []),
    ]
    return faults.length === 0
      ? { outcome: 'scored', value: 1, label: 'kept', reason: 'everything asked for holds' }
      : { outcome: 'scored', value: 0, label: 'broken', reason: faults.join('; ') }
  },
})

interface Matcher {
  readonly source: string
  test(text: string): boolean
}

/** Plain text matches in any case; a pattern has its own flags. */
function matcherOf(source: string, context: z.RefinementCtx): Matcher {
  const pattern = /^\/(.+)\/([a-z]*)$/s.exec(source)
  if (pattern === null) {
    const wanted = source.toLowerCase()
    return { source, test: (text) => text.toLowerCase().includes(wanted) }
  }
  try {
    // `search` starts at the front whatever the flags, where `test` would remember its place with g.
    const expression = new RegExp(pattern[1] ?? '', pattern[2])
    return { source, test: (text) => text.search(expression) >= 0 }
  } catch {
    context.addIssue({
      code: 'custom',
      message: `${source} is no regular expression of JavaScript; write it as /pattern/flags, e.g. /^yes/i`,
    })
    return z.NEVER
  }
}
