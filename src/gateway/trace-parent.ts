import { newSpanId } from '../records/record-id.ts'

export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string
  /** The client's span, 16 hex digits; empty where the client has no trace. */
  readonly parentSpanId: string
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
  const spanId = newSpanId()
  const { traceId, parentSpanId, flags } = givenTrace(header) ?? {
    traceId: callId.replaceAll('-', ''),
    parentSpanId: '',
    flags: '01',
  }
  return { traceId, parentSpanId, spanId, traceParent: `00-${traceId}-${spanId}-${flags}` }
}

/** `null` = the client has none that can be gone on with. */
function givenTrace(header: string | undefined) {
  const [, traceId, parentSpanId, flags] = pattern.exec(header?.trim() ?? '') ?? []
  if (traceId === undefined || parentSpanId === undefined || flags === undefined) return null
  return isZero(traceId) || isZero(parentSpanId) ? null : { traceId, parentSpanId, flags }
}

const isZero = (id: string) => /^0+$/.test(id)
