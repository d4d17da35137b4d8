// What the evaluators that ask a judge have in common: blocks in, one label out, label to value.
import { z } from 'zod'
import type { EvaluationContext, Evaluator, Subject, Verdict } from './evaluator.ts'
import { type Block, fenceCode } from './fence.ts'
import type { JudgeAnswer } from './judge.ts'
import { judgeQuestion, judgeVersion, type Rubric } from './rubrics/rubric.ts'

/** An evaluator that puts one rubric to the judge. */
export function judgeEvaluator(options: {
  readonly kind: string
  readonly summary: string
  readonly dimension: string
  readonly rubric: Rubric
  /** Attribute that the question needs besides prompt and answer; without it the answer is skipped. */
  readonly attribute?: 'reference' | 'context'
}): Evaluator<Record<string, never>> {
  const { kind, summary, dimension, rubric, attribute } = options
  return {
    kind,
    summary,
    dimension,
    needsJudge: true,
    needs: attribute === undefined ? [] : [attribute],
    config: z.strictObject({}),
    version: (_, judge) => judgeVersion([rubric], judge),
    async evaluate(subject, _, context) {
      const blocks = blocksOf(subject, attribute === undefined ? [] : [attribute])
      if (blocks === null) {
        return { outcome: 'skipped', reason: `the call has no attribute ${attribute}` }
      }
      return askJudge(rubric, blocks, context)
    },
  }
}

/** Puts a rubric to the judge and turns its label into a verdict. */
export async function askJudge(
  rubric: Rubric,
  blocks: readonly Block[],
  context: EvaluationContext,
): Promise<Verdict> {
  if (context.judge === null) return { outcome: 'failed', reason: 'no judge is configured' }
  const question = judgeQuestion(rubric, blocks, fenceCode())
  const answer = await context.judge.ask(question, context.signal)
  return { ...verdictOf(rubric, answer), ...effortOf(answer) }
}

function effortOf(answer: JudgeAnswer) {
  const { costUsd, latencySeconds, servedBy } = answer
  return { costUsd, latencySeconds, ...(servedBy === undefined ? {} : { servedBy }) }
}

function verdictOf(rubric: Rubric, answer: JudgeAnswer): Verdict {
  const { reason } = answer
  if (answer.outcome !== 'answered') return { outcome: answer.outcome, reason }
  const label = rubric.labels.find((candidate) => candidate.label === answer.label)
  if (label === undefined) {
    const unknown = `the judge gave the label ${JSON.stringify(answer.label)}, which the rubric has not`
    return { outcome: 'failed', reason: unknown }
  }
  if (label.value === null) return { outcome: 'skipped', reason: `${label.label}: ${reason}` }
  return { outcome: 'scored', value: label.value, label: label.label, reason }
}

/** Prompt and answer, with the attributes that are needed between them; `null` when one is missing. */
export function blocksOf(
  subject: Subject,
  attributes: readonly ('reference' | 'context')[] = [],
): readonly Block[] | null {
  const prompt: Block = { name: 'prompt', text: subject.prompt }
  const answer: Block = { name: 'answer', text: subject.answer }
  const between = attributes.map((name) => ({ name, text: subject.attributes[name] ?? '' }))
  if (between.some(({ text }) => text.trim() === '')) return null
  return [prompt, ...between, answer]
}
