// From what the store says of judged answers and labels to the evidence of each calibration.
import type { Evidence } from '../../analysis/calibration.ts'
import { measuredQuality } from '../../analysis/judge-agreement.ts'
import type { LabelledAnswer } from '../../analysis/verdict-strata.ts'
import type { Config } from '../../config/schema.ts'
import {
  type JudgedQuery,
  type JudgedSums,
  type Judging,
  type LabelledJudging,
  judgedSums,
  labelledDimensions,
  labelledJudgings,
  usualPassMark,
} from '../../store/queries/judged-answers.ts'
import type { Store } from '../../store/store.ts'
import { groupBy } from '../board/columns.ts'

/** One version of one evaluator on one dimension of one model's answers, with its labels. */
export interface JudgingEvidence {
  readonly judging: Judging
  readonly passMark: number
  readonly evidence: Evidence
  /** Labels of the window and of the time before it. */
  readonly anyTime: readonly LabelledAnswer[]
}

/** How long labels tell an evaluator's error rates: a version seldom lives longer. */
const labelMemoryMs = 30 * 86_400_000

/** Since when labels count for a window. */
export function labelsFromMs({ fromMs, toMs }: Pick<JudgedQuery, 'fromMs' | 'toMs'>): number {
  return Math.min(fromMs, toMs - labelMemoryMs)
}

/** What each evaluator version said in the window beside what people said. */
export async function judgingEvidence(
  store: Store,
  query: JudgedQuery,
): Promise<readonly JudgingEvidence[]> {
  const [sums, labelled] = await Promise.all([judgedSums(store, query), labelsOf(store, query)])
  const byJudging = new Map(groupBy(labelled, nameOf))
  return sums.map((judged) => evidenceOf(judged, byJudging.get(nameOf(judged)) ?? [], query))
}

/** Scores are looked through only where people labelled at all. */
async function labelsOf(store: Store, query: JudgedQuery): Promise<readonly LabelledJudging[]> {
  const within = { ...query, fromMs: labelsFromMs(query) }
  const labelled = await labelledDimensions(store, within)
  if (labelled.models.length === 0) return []
  return labelledJudgings(store, { ...within, ...labelled })
}

/** Where each dimension passes. */
export function passMarks({ quality }: Config): Readonly<Record<string, number>> {
  const { gate, gateThreshold } = quality.composite
  return { [gate]: gateThreshold, composite: quality.goodAnswer }
}

function evidenceOf(
  judged: JudgedSums,
  labelled: readonly LabelledJudging[],
  query: JudgedQuery,
): JudgingEvidence {
  const { model, dimension, evaluator, evaluatorVersion, passed, failed } = judged
  const passMark = query.passMarks[dimension] ?? usualPassMark
  const answers = labelled.map((one) => ({ ...one, passed: one.score >= passMark }))
  return {
    judging: { model, dimension, evaluator, evaluatorVersion },
    passMark,
    anyTime: answers,
    evidence: {
      judged: { passed, failed },
      labels: answers.filter(({ callStartedAtMs }) => callStartedAtMs >= query.fromMs),
      judge: measuredQuality(answers),
    },
  }
}

function nameOf({ model, dimension, evaluator, evaluatorVersion }: Judging): string {
  return JSON.stringify([model, dimension, evaluator, evaluatorVersion])
}
