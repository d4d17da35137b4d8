// The one place that turns failures into answers.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { nearest } from '../config/nearest.ts'
import { messageOf, RetryableError, UserError } from '../records/failure.ts'
import { failureAnswer } from '../sources/otlp/wire/export-answer.ts'
import type { Log } from '../telemetry/log.ts'
import type { ApiError } from './contract.ts'
import type { ApiEnv, Route } from './http.ts'

/** Answers anything thrown: the user's mistakes in full, passing faults with a time to retry, our own without internals. */
export function refuse(log: Log, c: Context<ApiEnv>, error: unknown): Response {
  if (error instanceof UserError) {
    const status = isRefusal(error.status) ? error.status : 400
    if (isOtlp(c.req.path)) return refusedExport(c, status, error.message)
    return c.json(body(error.code, error.message), status)
  }
  if (error instanceof RetryableError) {
    log.warn({ path: c.req.path, reason: error.message }, 'A request met a passing fault.')
    c.header('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))))
    return c.json(body('try_again', error.message), 503)
  }
  log.error({ path: c.req.path, reason: messageOf(error) }, 'A request failed.')
  return c.json(body('internal', 'Something broke on our side; the log has the cause.'), 500)
}

/** HTTP status that anything thrown is answered with. */
export function statusOf(error: unknown): number {
  if (error instanceof UserError) return isRefusal(error.status) ? error.status : 400
  return error instanceof RetryableError ? 503 : 500
}

/** Answers a path or method that no route has, with the nearest one that exists. */
export function refuseUnknown(routes: readonly Route[], c: Context<ApiEnv>): Response {
  const { method, path } = c.req
  const others = routes.filter((route) => matches(route.path, path)).map((route) => route.method)
  if (others.length > 0) {
    const allowed = [...new Set(others)].join(', ')
    c.header('Allow', allowed)
    return c.json(body('wrong_method', `${path} takes ${allowed}, not ${method}`), 405)
  }
  const near = nearest(
    path,
    routes.map((route) => route.path),
  )
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  return c.json(body('not_found', `nothing is at ${path.slice(0, 200)}${hint}`), 404)
}

/** Paths whose clients read a `google.rpc.Status` in their own encoding, also where they are not let in. */
function isOtlp(path: string): boolean {
  return /^\/v1\/(traces|metrics|logs)$/.test(path)
}

function refusedExport(
  c: Context<ApiEnv>,
  status: ContentfulStatusCode,
  message: string,
): Response {
  const isProtobuf = c.req.header('content-type')?.startsWith('application/x-protobuf') === true
  const answer = failureAnswer(isProtobuf ? 'protobuf' : 'json', status, message)
  return c.body(new Uint8Array(answer.body), status, { 'Content-Type': answer.contentType })
}

function isRefusal(status: number): status is ContentfulStatusCode {
  return Number.isInteger(status) && status >= 400 && status <= 599
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('/')
  const found = path.split('/')
  return (
    parts.length === found.length &&
    parts.every((part, at) => part === found[at] || (part.startsWith(':') && found[at] !== ''))
  )
}

function body(code: string, message: string): ApiError {
  return { error: { code, message } }
}
