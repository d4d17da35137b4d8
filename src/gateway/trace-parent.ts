import { newSpanId } from '../records/record-id.ts'

export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string
  /** This call's own span, 16 hex digits. */
  readonly spanId: string
  /** W3C `traceparent` to send on. */
  readonly traceParent: string
}

const pattern = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/

/**
 * Goes on with the client's trace (W3C Trace Context, level 1) under a span of its own, or starts one.
 * @param callId UUID of the call; without a trace of the client's it is the trace's id
 */
export function traceContext(header: string | undefined, callId: string): TraceContext {
  const match = header === undefined ? null : pattern.exec(header.trim())
  const given = match?.[1]
  const isUsable = given !== undefined && /[^0]/.test(given) && /[^0]/.test(match?.[2] ?? '')
  const traceId = isUsable ? given : callId.replaceAll('-', '')
  const spanId = newSpanId()
  const flags = isUsable ? (match?.[3] ?? '01') : '01'
  return { traceId, spanId, traceParent: `00-${traceId}-${spanId}-${flags}` }
}
