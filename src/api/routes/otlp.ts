import { messageOf, RetryableError, UserError } from '../../records/failure.ts'
import { withBody } from '../../sources/otlp/body.ts'
import {
  failureAnswer,
  successAnswer,
  type Answer,
  type Signal,
} from '../../sources/otlp/wire/export-answer.ts'
import type { Encoding } from '../../sources/otlp/wire/export-request.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRequest, Route } from '../http.ts'
import type { OtlpIntake } from '../otlp-intake.ts'

/** OTLP over HTTP: 200 once everything is durable, answers in the encoding of the request. */
export function otlpRoutes(
  context: ApiContext,
  { memory, receiver }: OtlpIntake,
): readonly Route[] {
  const answer = async (c: ApiRequest, signal: Signal): Promise<Response> => {
    const encoding = encodingOf(c)
    try {
      if (encoding === null) throw unknownType(c)
      const outcome = await withBody(
        { stream: c.req.raw.body, contentEncoding: c.req.header('content-encoding') ?? '' },
        memory,
        async (bytes) => await receiver.receive(signal, encoding, bytes),
      )
      return respond(c, 200, successAnswer(signal, encoding, outcome))
    } catch (error) {
      return refused(context, c, encoding ?? 'json', error)
    }
  }
  return signals.map((signal) => ({
    method: 'POST',
    path: `/v1/${signal}`,
    access: 'operator_or_ingest',
    // Bounded while it is read, so that a refusal too is in the encoding of the request.
    mostBytes: Number.POSITIVE_INFINITY,
    answer: async (c) => await answer(c, signal),
  }))
}

const signals: readonly Signal[] = ['traces', 'metrics', 'logs']

/** `null` = a type that OTLP does not have. */
function encodingOf(c: ApiRequest): Encoding | null {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type === 'application/x-protobuf') return 'protobuf'
  return type === 'application/json' ? 'json' : null
}

function unknownType(c: ApiRequest): UserError {
  const type = JSON.stringify((c.req.header('content-type') ?? '').slice(0, 100))
  return new UserError(`content-type is ${type}: send application/x-protobuf or application/json`, {
    status: 415,
    code: 'unknown_type',
  })
}

/** What the exporter may send again gets 503; what would fail again does not. */
function refused(context: ApiContext, c: ApiRequest, encoding: Encoding, error: unknown): Response {
  if (error instanceof UserError) {
    const status = error.status === 413 || error.status === 415 ? error.status : 400
    return respond(c, status, failureAnswer(encoding, status, error.message))
  }
  if (error instanceof RetryableError) {
    const seconds = Math.max(1, Math.ceil(error.retryAfterMs / 1_000))
    context.log.warn({ path: c.req.path, reason: error.message }, 'An export was put off.')
    c.header('Retry-After', String(seconds))
    return respond(c, 503, failureAnswer(encoding, 503, error.message))
  }
  context.log.error({ path: c.req.path, reason: messageOf(error) }, 'An export failed.')
  const message = 'Something broke on our side; the log has the cause.'
  return respond(c, 500, failureAnswer(encoding, 500, message))
}

type Status = 200 | 400 | 413 | 415 | 500 | 503

function respond(c: ApiRequest, status: Status, { contentType, body }: Answer): Response {
  return c.body(new Uint8Array(body), status, { 'Content-Type': contentType })
}
