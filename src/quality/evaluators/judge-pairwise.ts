import { z } from 'zod'
import { defineEvaluator, type Verdict } from '../evaluator.ts'
import { askJudge } from '../judge-evaluator.ts'
import { pairwiseRubric } from '../rubrics/pairwise.ts'
import { judgeVersion } from '../rubrics/rubric.ts'

export const judgePairwise = defineEvaluator({
  kind: 'judge_pairwise',
  summary: 'Asks the judge, in both orders, whether the answer is better than another one.',
  dimension: 'preference',
  needsJudge: true,
  config: z.strictObject({
    attribute: z
      .string()
      .min(1)
      .default('reference')
      .describe('Attribute of the call that holds the other answer, e.g. that of another model.'),
  }),
  version: ({ attribute }, judge) => `${judgeVersion([pairwiseRubric], judge)}:${attribute}`,
  async evaluate(subject, { attribute }, context) {
    const other = subject.attributes[attribute] ?? ''
    if (other.trim() === '') {
      return { outcome: 'skipped', reason: `the call has no attribute ${attribute}` }
    }
    const ask = (first: string, second: string) =>
      askJudge(
        pairwiseRubric,
        [
          { name: 'prompt', text: subject.prompt },
          { name: 'first', text: first },
          { name: 'second', text: second },
        ],
        context,
      )
    const [ahead, behind] = await Promise.all([
      ask(subject.answer, other),
      ask(other, subject.answer),
    ])
    return { ...compared(ahead, behind), ...effortOf(ahead, behind) }
  },
})

/** A verdict that turns with the order says where the answer stood, not how good it is: a tie, and told as bias. */
function compared(ahead: Verdict, behind: Verdict): Verdict {
  if (ahead.outcome !== 'scored') return { outcome: ahead.outcome, reason: ahead.reason }
  if (behind.outcome !== 'scored') return { outcome: behind.outcome, reason: behind.reason }
  const turned = 1 - behind.value
  if (ahead.value !== turned) {
    const reason = `position bias: "${ahead.label}" when it stood first, "${behind.label}" when it stood second`
    return { outcome: 'scored', value: 0.5, label: 'position_bias', reason }
  }
  const label = turned === 0.5 ? 'tie' : turned > 0.5 ? 'better' : 'worse'
  return { outcome: 'scored', value: turned, label, reason: ahead.reason }
}

function effortOf(ahead: Verdict, behind: Verdict) {
  const servedBy = ahead.servedBy ?? behind.servedBy
  return {
    costUsd: (ahead.costUsd ?? 0) + (behind.costUsd ?? 0),
    latencySeconds: Math.max(ahead.latencySeconds ?? 0, behind.latencySeconds ?? 0),
    ...(servedBy === undefined ? {} : { servedBy }),
  }
}
