// Failures as statuses of gRPC: what may be sent again says so and when.
import { Metadata, status } from '@grpc/grpc-js'
import { RetryableError, UserError } from '../../records/failure.ts'
import { rpcStatus } from '../../sources/otlp/wire/export-answer.ts'

export interface Refusal {
  readonly code: status
  readonly details: string
  readonly metadata: Metadata
}

/**
 * Anything thrown: a `RetryableError` as UNAVAILABLE, a `UserError` by its HTTP status, our own fault without internals.
 * @param retryAfterMs of a `UserError` that may be sent again; `null` = never
 */
export function refusal(error: unknown, retryAfterMs: number | null = null): Refusal {
  if (error instanceof UserError) {
    return withDetails(codes[error.status] ?? status.INVALID_ARGUMENT, error.message, retryAfterMs)
  }
  if (error instanceof RetryableError) {
    return withDetails(status.UNAVAILABLE, error.message, error.retryAfterMs)
  }
  const message = 'Something broke on our side; the log has the cause.'
  return withDetails(status.INTERNAL, message, null)
}

/** By status of HTTP. */
const codes: Readonly<Record<number, status>> = {
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
}

/** RESOURCE_EXHAUSTED with a time to retry may pass; without one it would fail again. */
function withDetails(code: status, details: string, retryAfterMs: number | null): Refusal {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', Buffer.from(rpcStatus(code, details, retryAfterMs)))
  return { code, details, metadata }
}
