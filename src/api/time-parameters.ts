// Times and durations as they stand in a query string.
import { UserError } from '../records/failure.ts'

const msPerUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Years 2000 to 2200: what the store's time columns hold with room to spare. */
const earliestMs = Date.UTC(2000, 0, 1)
const latestMs = Date.UTC(2200, 0, 1)

/**
 * Epoch milliseconds of `1767225600000`, `2026-01-01T00:00:00Z`, `now`, `-15m` or `now-15m`.
 * @param name the parameter, for the message
 */
export function parseTime(name: string, text: string, nowMs: number): number {
  const timeMs = relativeTime(text, nowMs) ?? epochTime(text) ?? isoTime(text)
  if (timeMs === undefined) {
    throw new UserError(
      `${name}=${shown(text)} is not a time: write epoch milliseconds, an ISO time such as 2026-01-01T00:00:00Z, now, or -15m`,
    )
  }
  if (!(timeMs >= earliestMs && timeMs < latestMs)) {
    throw new UserError(
      `${name}=${shown(text)} lies outside the years 2000 to 2200: times are epoch milliseconds, not seconds`,
    )
  }
  return timeMs
}

/** Milliseconds of `10s`, `5m`, `1h` or a plain number of milliseconds; always above zero. */
export function parseDuration(name: string, text: string): number {
  const durationMs = durationOf(text, 'ms')
  if (durationMs === undefined) {
    throw new UserError(
      `${name}=${shown(text)} is not a duration: write for example 10s, 5m or 1h (units ms, s, m, h, d, w)`,
    )
  }
  return durationMs
}

/** A whole number within bounds, both inclusive. */
export function parseCount(name: string, text: string, bounds: readonly [number, number]): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(count >= bounds[0] && count <= bounds[1])) {
    throw new UserError(
      `${name}=${shown(text)} is not a whole number from ${bounds[0]} to ${bounds[1]}`,
    )
  }
  return count
}

function relativeTime(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs
  const match = /^(?:now)?([+-])(.+)$/.exec(text)
  // Without a unit it could mean anything: none is taken for granted.
  const distanceMs = match?.[2] === undefined ? undefined : durationOf(match[2], 'none')
  if (distanceMs === undefined) return undefined
  return Math.round(match?.[1] === '-' ? nowMs - distanceMs : nowMs + distanceMs)
}

function durationOf(text: string, defaultUnit: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d|w)?$/.exec(text)
  const durationMs = Number(match?.[1]) * (msPerUnit[match?.[2] ?? defaultUnit] ?? Number.NaN)
  return durationMs > 0 ? durationMs : undefined
}

function epochTime(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function isoTime(text: string): number | undefined {
  // A time without a zone would mean the server's own zone: refused, as is every other guess of Date.parse.
  const iso = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
  const timeMs = iso.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(timeMs) ? undefined : timeMs
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
