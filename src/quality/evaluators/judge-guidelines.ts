import { z } from 'zod'
import { defineEvaluator, type Verdict } from '../evaluator.ts'
import { askJudge, blocksOf } from '../judge-evaluator.ts'
import { guidelineRubric } from '../rubrics/guideline.ts'
import { judgeVersion } from '../rubrics/rubric.ts'

/** Guidelines as text, one a line, or as a list; list marks are taken off. */
const lines = z
  .union([z.string(), z.array(z.string())])
  .transform((input) => (typeof input === 'string' ? input.split('\n') : input))
  .transform((input) => input.map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim()))
  .transform((input) => input.filter((line) => line !== ''))
  .refine((input) => input.length >= 1 && input.length <= 12, {
    message: 'expected 1 to 12 guidelines, one a line: each is a question of its own to the judge',
  })

export const judgeGuidelines = defineEvaluator({
  kind: 'judge_guidelines',
  summary: 'Asks the judge of each configured guideline whether the answer keeps it.',
  dimension: 'guideline_adherence',
  needsJudge: true,
  config: z.strictObject({
    guidelines: lines.describe(
      'The guidelines, one a line. Each is judged alone, so each costs one request an answer; the score is the share kept among those that apply.',
    ),
  }),
  version: (config, judge) => judgeVersion(config.guidelines.map(guidelineRubric), judge),
  async evaluate(subject, config, context) {
    const blocks = blocksOf(subject) ?? []
    const verdicts = await Promise.all(
      config.guidelines.map((line) => askJudge(guidelineRubric(line), blocks, context)),
    )
    return adherence(config.guidelines, verdicts)
  },
})

/** One verdict of many: a line that could not be judged leaves no score, because a share of fewer lines is another question. */
function adherence(guidelines: readonly string[], verdicts: readonly Verdict[]): Verdict {
  const effort = {
    costUsd: sumOf(verdicts.map((verdict) => verdict.costUsd ?? 0)),
    // Lines are judged side by side; the slowest is what the answer waited for.
    latencySeconds: Math.max(...verdicts.map((verdict) => verdict.latencySeconds ?? 0)),
    ...servedByOf(verdicts),
  }
  const spoiled = verdicts.find(({ outcome }) => outcome === 'failed' || outcome === 'dropped')
  if (spoiled !== undefined) return { ...spoiled, ...effort }
  const values = verdicts.flatMap((verdict, index) =>
    verdict.outcome === 'scored' ? [{ index, verdict }] : [],
  )
  if (values.length === 0) {
    return { outcome: 'skipped', reason: 'no guideline applies to this answer', ...effort }
  }
  const broken = values.filter(({ verdict }) => verdict.value < 1)
  const reason = broken.map(
    ({ index, verdict }) => `${index + 1}. ${guidelines[index] ?? ''}: ${verdict.reason}`,
  )
  return {
    outcome: 'scored',
    value: sumOf(values.map(({ verdict }) => verdict.value)) / values.length,
    label: broken.length === 0 ? 'followed' : 'broken',
    reason:
      broken.length === 0 ? `all ${values.length} that apply are followed` : reason.join(' | '),
    ...effort,
  }
}

/** Lines judged by several models are a verdict of them all. */
function servedByOf(verdicts: readonly Verdict[]): { readonly servedBy?: string } {
  const names = new Set(verdicts.flatMap(({ servedBy }) => servedBy ?? []))
  return names.size === 0 ? {} : { servedBy: [...names].toSorted().join('+') }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
