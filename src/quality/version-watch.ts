import type { Event } from '../records/event.ts'
import { uuidv7 } from '../records/record-id.ts'
import type { Score } from '../records/score.ts'
import type { EvaluatorVersion } from '../store/queries/evaluator-versions.ts'
import { compositeName } from './composite.ts'

/** Notices when an evaluator scores under a version that it never had before: a step in its scores may be its own. */
export interface VersionWatch {
  /** An event for each version in the scores that is new. */
  observe(scores: readonly Score[], atMs: number): readonly Event[]
}

/** @param known versions of earlier scores, the newest last */
export function openVersionWatch(known: readonly EvaluatorVersion[]): VersionWatch {
  const versions = new Map<string, readonly string[]>()
  for (const { model, evaluator, version } of known) add(keyOf(model, evaluator), version)

  function add(key: string, version: string): void {
    versions.set(key, [...(versions.get(key) ?? []).filter((one) => one !== version), version])
  }

  return {
    observe(scores, atMs) {
      // A verdict that was never made says nothing of who would have made it.
      const made = scores
        .filter(({ outcome }) => outcome === 'scored' || outcome === 'failed')
        // The composite is made of the others and changes with them.
        .filter(({ evaluator }) => evaluator !== compositeName)
      // Two entries of one kind score the same answer under two versions: neither became the other.
      const before = new Map(versions)
      return made.flatMap((score) => {
        const key = keyOf(score.model, score.evaluator)
        const seen = before.get(key) ?? []
        if (versions.get(key)?.includes(score.evaluatorVersion) === true) return []
        add(key, score.evaluatorVersion)
        const former = seen.at(-1)
        return former === undefined ? [] : [eventOf(score, former, atMs)]
      })
    },
  }
}

const keyOf = (model: string, evaluator: string) => JSON.stringify([model, evaluator])

function eventOf(score: Score, from: string, atMs: number): Event {
  const { project, model, evaluator, evaluatorVersion: to } = score
  return {
    project,
    eventId: uuidv7(atMs),
    timeMs: atMs,
    kind: 'evaluator_version',
    model,
    title: `${evaluator} scores under a new version`,
    detail: `${from} became ${to}: scores before and after are different questions and are shown apart.`,
    attributes: { evaluator, from, to },
  }
}
