// What log records say of a span that has not come yet: text of an inference, verdicts on it. Logs are exported
// more often than spans, so they come first as a rule. It waits in memory, within bounds; verdicts are on disk besides.
import type { ContentEvent } from './conversation.ts'
import type { Evaluation } from './evaluation.ts'

export interface BesideSpan {
  readonly events: readonly ContentEvent[]
  readonly evaluations: readonly Evaluation[]
}

export interface BesideSpans {
  /** @param bytes rough size of what is added */
  add(callId: string, part: Partial<BesideSpan>, bytes: number): void
  /** What waits for a span, without taking it away. */
  of(callId: string): BesideSpan
  remove(callId: string): void
}

export interface BesideSpansOptions {
  readonly mostBytes: number
  readonly longestMs: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Told of what waited in vain, or longer than there is room. */
  readonly onGivenUp: (callId: string, part: BesideSpan) => void
}

interface Waiting {
  readonly events: ContentEvent[]
  readonly evaluations: Evaluation[]
  readonly sinceMs: number
  bytes: number
}

export function createBesideSpans(options: BesideSpansOptions): BesideSpans {
  const waiting = new Map<string, Waiting>()
  let total = 0
  const remove = (callId: string) => {
    total -= waiting.get(callId)?.bytes ?? 0
    return waiting.delete(callId)
  }
  // In order of arrival, so the oldest are in front.
  const makeRoom = () => {
    for (const [callId, entry] of waiting) {
      const isFresh = options.now() - entry.sinceMs <= options.longestMs
      if (total <= options.mostBytes && isFresh) break
      remove(callId)
      options.onGivenUp(callId, entry)
    }
  }
  return {
    add(callId, { events = [], evaluations = [] }, bytes) {
      const entry = waiting.get(callId) ?? newEntry(options.now())
      entry.events.push(...events)
      entry.evaluations.push(...evaluations)
      entry.bytes += bytes
      waiting.set(callId, entry)
      total += bytes
      makeRoom()
    },
    of: (callId) => waiting.get(callId) ?? nothing,
    remove,
  }
}

const newEntry = (sinceMs: number): Waiting => ({ events: [], evaluations: [], sinceMs, bytes: 0 })

const nothing: BesideSpan = { events: [], evaluations: [] }
