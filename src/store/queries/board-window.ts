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

const coarseMs = 300_000

/** The rollup that a window is read from: five minutes where its steps are made of them, else one. */
export function rollupOf(table: RolledUp, { fromMs, stepMs }: BoardWindow): string {
  const isCoarse = stepMs % coarseMs === 0 && fromMs % coarseMs === 0
  return `${table}_${isCoarse ? '5m' : '1m'}`
}

type RolledUp = 'calls' | 'scores' | 'samples'
