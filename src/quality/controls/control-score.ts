import type { Score } from '../../records/score.ts'
import type { PreparedEvaluator } from '../evaluator.ts'
import { type Measured, servedVersion } from '../score-call.ts'

/** What a control judged, and where its verdict belongs. */
export interface ControlSubject {
  readonly project: string
  /** Id of the golden answer or of the probe. */
  readonly item: string
  readonly model: string
  /** When the run asked for it (epoch ms). */
  readonly atMs: number
}

/** The score of a control's verdict; every item of a run had the same chance, so weights are equal. */
export function controlScore(
  subject: ControlSubject,
  evaluator: Pick<PreparedEvaluator, 'kind' | 'version' | 'dimension'>,
  { verdict, seconds }: Measured,
): Score {
  const { project, item, model, atMs } = subject
  return {
    project,
    callId: item,
    model,
    component: '',
    callStartedAtMs: atMs,
    scoredAtMs: atMs,
    evaluator: evaluator.kind,
    evaluatorVersion: servedVersion(evaluator.version, verdict.servedBy),
    dimension: evaluator.dimension,
    value: verdict.outcome === 'scored' ? verdict.value : null,
    label: verdict.outcome === 'scored' ? verdict.label : '',
    reason: verdict.reason,
    outcome: verdict.outcome,
    latencySeconds: seconds,
    lagSeconds: 0,
    costUsd: verdict.costUsd ?? 0,
    samplingProbability: 1,
  }
}

/** So many items at random, each free to come again: draws that are independent of each other. */
export function drawItems<Item>(
  items: readonly Item[],
  count: number,
  random: () => number,
): readonly Item[] {
  return Array.from({ length: count }, () => items[Math.floor(random() * items.length)]).filter(
    (item): item is NonNullable<typeof item> => item !== undefined,
  )
}
