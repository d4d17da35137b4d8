// The controls that tell model, judge and input apart: what was frozen and judged again, and whether it moved.
import type { Config } from '../../config/schema.ts'
import { goldenProject, probesProject } from '../../records/control-project.ts'
import { type ControlScore, controlScores } from '../../store/queries/control-scores.ts'
import type { Store } from '../../store/store.ts'
import { pinnedVersion } from '../score-call.ts'
import { type ControlDraw, type ControlEvidence, controlEvidence } from './control-evidence.ts'

/**
 * `golden_change`: frozen answers judged again against the judge's own first verdicts; `golden_truth`: against the
 * expected ones; `probe_change`: frozen prompts asked again against the model's own first verdicts.
 */
export type ControlKind = 'golden_change' | 'golden_truth' | 'probe_change'

export interface ControlState extends ControlEvidence {
  readonly control: ControlKind
  /** The model that answered; for the golden set the judge's. */
  readonly model: string
  readonly evaluator: string
  /** Pinned version, without what a server says of itself: a silent exchange must show as a change. */
  readonly version: string
  readonly allowedRate: number
  /** Verdicts that were asked for and not given. */
  readonly withoutVerdict: number
  /** Newest verdict (epoch ms). */
  readonly newestMs: number
}

const reachMs = 90 * 86_400_000

/** State of every control of a project as of a moment (epoch ms). */
export async function controlStates(
  store: Store,
  config: Pick<Config, 'project' | 'quality'>,
  atMs: number,
): Promise<readonly ControlState[]> {
  const { project, quality } = config
  const sinceMs = atMs - reachMs
  const read = (from: string) => controlScores(store, { project: from, sinceMs })
  const golden = quality.golden === undefined ? [] : await read(goldenProject(project))
  const probes = quality.probes === undefined ? [] : await read(probesProject(project))
  return [
    ...statesOf(golden, 'golden_change', quality.golden?.allowedChange ?? 0),
    ...statesOf(golden, 'golden_truth', quality.golden?.allowedDisagreement ?? 0),
    ...statesOf(probes, 'probe_change', quality.probes?.allowedChange ?? 0),
  ]
}

/** One state for each model and evaluator, under the newest version of the evaluator. @param scores oldest first */
export function statesOf(
  scores: readonly ControlScore[],
  control: ControlKind,
  allowed: number,
): readonly ControlState[] {
  // The evidence is about a rate strictly between the two ends.
  const allowedRate = Math.min(0.99, Math.max(0.001, allowed))
  const groups = new Map<string, ControlScore[]>()
  for (const score of scores) {
    const key = JSON.stringify([score.model, score.evaluator])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [score])
    else group.push(score)
  }
  return [...groups.values()].flatMap((group) => {
    const newest = group.at(-1)
    if (newest === undefined) return []
    const version = pinnedVersion(newest.version)
    const mine = group.filter((score) => pinnedVersion(score.version) === version)
    const given = mine.filter(({ outcome }) => outcome === 'scored')
    const draws = control === 'golden_truth' ? againstTruth(given) : againstFirst(given)
    return {
      control,
      model: newest.model,
      evaluator: newest.evaluator,
      version,
      allowedRate,
      withoutVerdict: mine.length - given.length,
      newestMs: newest.atMs,
      ...controlEvidence(draws, allowedRate),
    }
  })
}

/** The value of a golden verdict is its agreement with the expected label. */
function againstTruth(scores: readonly ControlScore[]): readonly ControlDraw[] {
  return scores.map(({ atMs, value }) => ({ atMs, isDeviation: value !== 1 }))
}

/** The first verdict on an item is the measure and no draw. */
function againstFirst(scores: readonly ControlScore[]): readonly ControlDraw[] {
  const first = new Map<string, string>()
  return scores.flatMap(({ item, label, atMs }) => {
    const measure = first.get(item)
    if (measure !== undefined) return [{ atMs, isDeviation: label !== measure }]
    first.set(item, label)
    return []
  })
}
