import { UserError } from '../records/failure.ts'
import type { ApiRequest } from './http.ts'
import { parseCount, parseTime } from './time-parameters.ts'

export interface ListWindow {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  readonly limit: number
}

const defaultWindowMs = 24 * 3_600_000
const defaultLimit = 100
const mostRows = 1_000

/** `from`, `to` (default: the last 24 hours) and `limit` (default 100, at most 1000) of a list. */
export function listWindow(c: ApiRequest, nowMs: number): ListWindow {
  const { from, to, limit } = c.req.query()
  // One more millisecond: the end is exclusive and what happened just now belongs.
  const toMs = to === undefined ? nowMs + 1 : parseTime('to', to, nowMs)
  const fromMs = from === undefined ? toMs - defaultWindowMs : parseTime('from', from, nowMs)
  if (!(fromMs < toMs)) {
    throw new UserError(
      `from (${new Date(fromMs).toISOString()}) must lie before to (${new Date(toMs).toISOString()})`,
    )
  }
  return {
    fromMs,
    toMs,
    limit: limit === undefined ? defaultLimit : parseCount('limit', limit, [1, mostRows]),
  }
}
