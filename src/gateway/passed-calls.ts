// Calls that passed lately, by what their callers know of them: a caller that traces itself reports each call a second
// time, and whoever takes those reports asks here.
import type { TraceContext } from './trace-parent.ts'

export interface PassedCalls {
  /** A call under the span of its caller, as soon as it arrives. */
  addParent(trace: TraceContext): void
  /** A call by the id that its answer carries. */
  addAnswer(responseId: string): void
  /** Those of the keys that are of a call that passed. */
  among(keys: readonly string[]): string[]
}

/** @param most beyond which the oldest are forgotten; about 150 bytes each */
export function createPassedCalls(most = 50_000): PassedCalls {
  const keys = new Set<string>()
  const add = (key: string) => {
    keys.add(key)
    if (keys.size > most) keys.delete(keys.values().next().value ?? '')
  }
  return {
    addParent({ traceId, parentSpanId }) {
      if (parentSpanId !== '') add(`${traceId}:${parentSpanId}`)
    },
    addAnswer(responseId) {
      if (responseId !== '') add(responseId)
    },
    among: (asked) => asked.filter((key) => keys.has(key)),
  }
}
