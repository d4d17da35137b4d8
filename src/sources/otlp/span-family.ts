// Which spans are inside which, over the batches they came in: exporters send inner spans before outer ones.
import type { CallOperation } from '../../records/call.ts'

export interface SpanFamily {
  /** Notes a span that is no inference, e.g. the request that an inference made. */
  addOther(spanId: string, parentId: string): void
  /** Notes an inference that became a call. */
  addCall(callId: string, parentId: string, operation: CallOperation): void
  /** Whether the span directly around it became a call of the same kind. */
  isInsideCall(parentId: string, operation: CallOperation): boolean
  /** Whether a span directly inside it became a call of the same kind. */
  isAroundCall(callId: string, operation: CallOperation): boolean
  /** Spans directly inside it that are no inferences. */
  othersInside(callId: string): readonly string[]
}

/**
 * All ids are `trace:span`.
 * @param most of each kind, beyond which the oldest are forgotten
 */
export function createSpanFamily(most: number): SpanFamily {
  const calls = new Map<string, CallOperation>()
  const insideCalls = new Map<string, CallOperation>()
  const others = new Map<string, readonly string[]>()
  return {
    addOther(spanId, parentId) {
      const known = others.get(parentId) ?? []
      if (known.includes(spanId) || known.length >= mostOthers) return
      keep(others, parentId, [...known, spanId], most)
    },
    addCall(callId, parentId, operation) {
      keep(calls, callId, operation, most)
      keep(insideCalls, parentId, operation, most)
    },
    isInsideCall: (parentId, operation) => calls.get(parentId) === operation,
    isAroundCall: (callId, operation) => insideCalls.get(callId) === operation,
    othersInside: (callId) => others.get(callId) ?? [],
  }
}

/** An inference with retries makes a few requests. */
const mostOthers = 8

function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value ?? '')
}
