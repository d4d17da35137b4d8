// What the queries of the board share: which rows, in which steps. Steps count from 0 at `fromMs`.
import type { QueryParameters } from '../store.ts'

export interface BoardWindow {
  readonly project: string
  /** Epoch milliseconds, aligned to the step; `toMs` is exclusive. */
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  /** `raw` reads the records themselves, `rollup` the one-minute rollups (the step is whole minutes then). */
  readonly source: 'raw' | 'rollup'
  /** Models wanted; empty means all. */
  readonly models: readonly string[]
}

/** Parameters that the conditions below name. */
export function windowParameters(window: BoardWindow): QueryParameters {
  return {
    project: window.project,
    from: window.fromMs,
    to: window.toMs,
    step: window.stepMs,
    models: window.models,
  }
}

export const modelWanted = `(empty({models:Array(String)}) OR has({models:Array(String)}, model))`

/** Condition on a DateTime64(3) column. */
export function within(column: string): string {
  return (
    `${column} >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')` +
    ` AND ${column} < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`
  )
}

/** Number of the step that a DateTime64(3) column lies in. */
export function stepOf(column: string): string {
  return `toUInt32(intDiv(toUnixTimestamp64Milli(${column}) - {from:Int64}, {step:Int64}))`
}

/** Condition on the DateTime column of a rollup. */
export const withinMinutes =
  `minute >= toDateTime(intDiv({from:Int64}, 1000), 'UTC')` +
  ` AND minute < toDateTime(intDiv({to:Int64}, 1000), 'UTC')`

/** Number of the step that a rollup's minute lies in. */
export const stepOfMinute = `toUInt32(intDiv(toUnixTimestamp(minute) * 1000 - {from:Int64}, {step:Int64}))`

const minuteMs = 60_000

/** Minutes of the rollups that each table has, longest first. */
const rollups = { calls: [30, 5, 1], scores: [30, 5, 1], samples: [5, 1] } as const

/** The coarsest rollup of a table whose rows the window's steps are made of, e.g. `calls_5m`. */
export function rollupOf(
  table: keyof typeof rollups,
  { fromMs, toMs, stepMs }: Pick<BoardWindow, 'fromMs' | 'toMs' | 'stepMs'>,
): string {
  const fits = (minutes: number) =>
    [fromMs, toMs, stepMs].every((timeMs) => timeMs % (minutes * minuteMs) === 0)
  return `${table}_${rollups[table].find(fits) ?? 1}m`
}
