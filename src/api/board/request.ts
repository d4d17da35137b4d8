// From the query string to a window of whole steps.
import { UserError } from '../../records/failure.ts'
import type { BoardWindow } from '../../store/queries/board-window.ts'
import { parseDuration, parseTime } from '../time-parameters.ts'

/** Steps on offer, milliseconds: each divides the minute or is whole minutes, so that rollups and ledger line up. */
export const steps: readonly number[] = [
  10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1_000)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const defaultWindowMs = 15 * minuteMs
const mostPoints = 600
/** Rounding outwards to whole steps may add two. */
const plannedPoints = mostPoints - 2
const longestWindowMs = plannedPoints * 86_400_000
const mostModels = 50

export type BoardQuery = Readonly<Record<'from' | 'to' | 'step' | 'models', string | undefined>>

/**
 * The window that a board request means. `from` is cut down and `to` rounded up to whole steps, but never
 * past the last finished step, since a step under way would look like a drop in traffic.
 */
export function boardWindow(project: string, query: BoardQuery, nowMs: number): BoardWindow {
  const toMs = query.to === undefined ? nowMs : parseTime('to', query.to, nowMs)
  const fromMs =
    query.from === undefined ? toMs - defaultWindowMs : parseTime('from', query.from, nowMs)
  checkOrder(fromMs, toMs, nowMs)
  const stepMs = chooseStep(
    toMs - fromMs,
    query.step === undefined ? 0 : parseDuration('step', query.step),
  )
  const lastMs = Math.floor(nowMs / stepMs) * stepMs
  const endMs = Math.min(Math.ceil(toMs / stepMs) * stepMs, lastMs)
  const startMs = Math.min(Math.floor(fromMs / stepMs) * stepMs, endMs - stepMs)
  return {
    project,
    fromMs: startMs,
    toMs: endMs,
    stepMs,
    source: stepMs < minuteMs ? 'raw' : 'rollup',
    models: parseModels(query.models),
  }
}

function checkOrder(fromMs: number, toMs: number, nowMs: number): void {
  if (!(fromMs < toMs)) {
    throw new UserError(`from (${iso(fromMs)}) must lie before to (${iso(toMs)})`)
  }
  if (fromMs > nowMs) {
    throw new UserError(`from (${iso(fromMs)}) lies in the future: it is ${iso(nowMs)} now`)
  }
  if (toMs - fromMs > longestWindowMs) {
    throw new UserError(
      `from ${iso(fromMs)} to ${iso(toMs)} is longer than ${plannedPoints} days: ask for a shorter window`,
    )
  }
}

/** The finest step on offer that is no finer than wanted, keeps the points in bounds and can be read in time. */
function chooseStep(lengthMs: number, wantedMs: number): number {
  const leastMs = Math.max(wantedMs, lengthMs / plannedPoints, lengthMs > hourMs ? minuteMs : 0)
  const last = steps.at(-1) ?? minuteMs
  return steps.find((step) => step >= leastMs) ?? last
}

function parseModels(text: string | undefined): readonly string[] {
  const models = [...new Set((text ?? '').split(',').map((name) => name.trim()))].filter(Boolean)
  if (models.length > mostModels) {
    throw new UserError(`models names ${models.length} models: at most ${mostModels} at a time`)
  }
  return models
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
