// What tells a record that is sent again from another one of its kind.
import type { Call } from './call.ts'
import type { Event } from './event.ts'
import type { Label } from './label.ts'
import type { Score } from './score.ts'

export function callKey({ project, callId }: Call): string {
  return JSON.stringify([project, callId])
}

/** One evaluator's verdict on one dimension of a call. */
export function scoreKey(score: Score): string {
  const { project, callId, evaluator, evaluatorVersion, dimension } = score
  return JSON.stringify([project, callId, evaluator, evaluatorVersion, dimension])
}

/** A later verdict of the same person replaces the earlier; only the very same one is the same. */
export function labelKey(label: Label): string {
  return JSON.stringify(label)
}

export function eventKey({ project, eventId }: Event): string {
  return JSON.stringify([project, eventId])
}
