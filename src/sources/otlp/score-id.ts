import type { Score } from '../../records/score.ts'

/** The same for a verdict that is sent again. */
export function scoreId({ callId, evaluator, evaluatorVersion, scoredAtMs }: Score): string {
  return `score ${callId} ${scoredAtMs} ${evaluator} ${evaluatorVersion}`
}
