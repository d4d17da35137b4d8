import type { GoldenConfig } from '../../config/schema.ts'
import { UserError } from '../../records/failure.ts'
import { goldenProject } from '../../records/control-project.ts'
import type { Score } from '../../records/score.ts'
import type { EvaluationContext, PreparedEvaluator, Verdict } from '../evaluator.ts'
import { measuredVerdict } from '../score-call.ts'
import { controlScore, drawItems } from './control-score.ts'
import type { GoldenAnswer } from './golden-set.ts'

export interface GoldenRun {
  readonly project: string
  readonly answers: readonly GoldenAnswer[]
  readonly config: Pick<GoldenConfig, 'perRun'>
  readonly evaluators: readonly PreparedEvaluator[]
  readonly context: EvaluationContext
  /** Clock in epoch milliseconds. */
  readonly now: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** Throws a `UserError` when an answer expects a label of an evaluator that is not configured. */
export function checkGolden(
  answers: readonly GoldenAnswer[],
  evaluators: readonly PreparedEvaluator[],
): void {
  const kinds = new Set(evaluators.map(({ kind }) => kind))
  const wanted = new Set(answers.flatMap(({ expected }) => Object.keys(expected)))
  const unknown = [...wanted].filter((kind) => !kinds.has(kind))
  if (unknown.length === 0) return
  throw new UserError(
    `quality.golden.file expects labels of ${unknown.join(', ')}, which is not in quality.evaluators (${[...kinds].join(', ')}).`,
  )
}

/**
 * Judges answers of the golden set that are drawn at random. The value of a score is 1 where the verdict has the
 * expected label and 0 where it has another; the label is the judge's own. Rejects only when the signal aborts.
 */
export async function judgeGolden(run: GoldenRun): Promise<readonly Score[]> {
  const drawn = drawItems(run.answers, run.config.perRun, run.random)
  const scores: Score[] = []
  // One after another: a control must not crowd out the answers of users.
  for (const answer of drawn) scores.push(...(await judgeOne(run, answer)))
  return scores
}

async function judgeOne(run: GoldenRun, answer: GoldenAnswer): Promise<readonly Score[]> {
  const { context, now } = run
  const model = context.judge?.model ?? ''
  const { id, prompt, answer: text, attributes, expected } = answer
  const subject = { callId: id, model, prompt, answer: text, attributes, completionTokens: null }
  const asked = run.evaluators.filter(({ kind }) => kind in expected)
  return await Promise.all(
    asked.map(async (evaluator) => {
      const { verdict, seconds } = await measuredVerdict(evaluator, subject, context)
      const project = goldenProject(run.project)
      return controlScore({ project, item: id, model, atMs: now() }, evaluator, {
        verdict: againstExpected(verdict, expected[evaluator.kind] ?? ''),
        seconds,
      })
    }),
  )
}

function againstExpected(verdict: Verdict, expected: string): Verdict {
  if (verdict.outcome !== 'scored') return verdict
  if (verdict.label === expected) return { ...verdict, value: 1 }
  return { ...verdict, value: 0, reason: `expected ${expected}: ${verdict.reason}` }
}
