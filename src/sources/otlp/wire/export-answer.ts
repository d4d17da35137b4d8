// Answers of the receiver, in the encoding of the request.
import protobuf from 'protobufjs/minimal.js'
import type { Encoding } from './export-request.ts'

export type Signal = 'traces' | 'metrics' | 'logs'

export interface Answer {
  readonly contentType: string
  readonly body: Uint8Array
}

/** What became of a batch. A message without rejected records is a warning to whoever runs the exporter. */
export interface Outcome {
  readonly rejected: number
  readonly message: string
}

/** `Export…ServiceResponse`; `partial_success` is only there when something is to be said. */
export function successAnswer(signal: Signal, encoding: Encoding, outcome: Outcome): Answer {
  const isPartial = outcome.rejected > 0 || outcome.message !== ''
  if (encoding === 'json') {
    const partialSuccess = {
      ...(outcome.rejected > 0 ? { [rejectedNames[signal]]: String(outcome.rejected) } : {}),
      errorMessage: outcome.message,
    }
    return jsonAnswer(isPartial ? { partialSuccess } : {})
  }
  const writer = protobuf.Writer.create()
  if (isPartial) {
    writer.uint32(tag(1, 2)).fork()
    if (outcome.rejected > 0) writer.uint32(tag(1, 0)).uint32(outcome.rejected)
    writer.uint32(tag(2, 2)).string(outcome.message).ldelim()
  }
  return { contentType: contentTypes.protobuf, body: writer.finish() }
}

/**
 * `google.rpc.Status`.
 * @param status of HTTP
 */
export function failureAnswer(encoding: Encoding, status: number, message: string): Answer {
  const code = rpcCodes[status] ?? (status < 500 ? 3 : 13)
  if (encoding === 'json') return jsonAnswer({ code, message })
  return { contentType: contentTypes.protobuf, body: rpcStatus(code, message, null) }
}

/**
 * `google.rpc.Status` in protobuf.
 * @param retryAfterMs goes with it as `google.rpc.RetryInfo`; `null` = not to be sent again
 */
export function rpcStatus(code: number, message: string, retryAfterMs: number | null): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(tag(1, 0)).int32(code).uint32(tag(2, 2)).string(message)
  if (retryAfterMs === null) return writer.finish()
  const ms = Math.max(1, Math.ceil(retryAfterMs))
  writer.uint32(tag(3, 2)).fork()
  writer.uint32(tag(1, 2)).string('type.googleapis.com/google.rpc.RetryInfo')
  // The value of `Any` holds RetryInfo, whose only field is a Duration: seconds and nanoseconds.
  writer.uint32(tag(2, 2)).fork().uint32(tag(1, 2)).fork()
  writer.uint32(tag(1, 0)).int64(Math.floor(ms / 1_000))
  writer.uint32(tag(2, 0)).int32((ms % 1_000) * 1_000_000)
  return writer.ldelim().ldelim().ldelim().finish()
}

const contentTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

const rejectedNames: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
}

/** HTTP status to the code of gRPC: what is too large or too much is RESOURCE_EXHAUSTED. */
const rpcCodes: Readonly<Record<number, number>> = { 401: 16, 403: 7, 413: 8, 429: 8, 503: 14 }

const tag = (field: number, wire: number): number => (field << 3) | wire

function jsonAnswer(value: unknown): Answer {
  return { contentType: contentTypes.json, body: Buffer.from(JSON.stringify(value)) }
}
