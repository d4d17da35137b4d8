// Calls that came lately, so that a verdict on one finds its model and its time.
import type { Call } from '../../records/call.ts'

/** What a score takes from its call. */
export interface KnownCall {
  readonly callId: string
  readonly model: string
  readonly component: string
  readonly startedAtMs: number
  readonly endedAtMs: number
}

export interface RecentCalls {
  add(call: Call): void
  byCallId(callId: string): KnownCall | undefined
  /** By `gen_ai.response.id`. */
  byResponseId(responseId: string): KnownCall | undefined
}

/** @param mostCalls beyond which the oldest are forgotten */
export function createRecentCalls(mostCalls: number): RecentCalls {
  const calls = new Map<string, KnownCall>()
  const byResponse = new Map<string, KnownCall>()
  return {
    add(call) {
      const known = knownCall(call)
      keep(calls, call.callId, known, mostCalls)
      const responseId = call.attributes['response_id'] ?? ''
      if (responseId !== '') keep(byResponse, responseId, known, mostCalls)
    },
    byCallId: (callId) => calls.get(callId),
    byResponseId: (responseId) => byResponse.get(responseId),
  }
}

/** What a score needs of a call. */
export function knownCall(
  call: Pick<Call, 'callId' | 'model' | 'component' | 'startedAtMs' | 'totalSeconds'>,
): KnownCall {
  const { callId, model, component, startedAtMs, totalSeconds } = call
  return { callId, model, component, startedAtMs, endedAtMs: startedAtMs + totalSeconds * 1_000 }
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value ?? '')
}
