// A lane as plain data: what to draw, what to read out at a step, what to say in one sentence.
import type { Board, Column } from '../../../src/api/contract.ts'
import type { DrawnModel } from '../model-choice.ts'
import { fewAnswers } from '../pooling.ts'
import { indexAt, type Scale } from '../scale.ts'

export type LaneId = 'cost' | 'capacity' | 'serving' | 'quality' | 'safety' | 'evaluation'

/** A line's stroke: the main statistic, a lighter companion, or a dashed reference. */
export type Stroke = 'main' | 'light' | 'dashed'

export interface Line {
  readonly colour: number
  readonly stroke: Stroke
  readonly values: Column
}

export type FillKind = 'active' | 'idle' | 'unreserved' | 'traffic'

/** A stepped area between two columns. */
export interface Fill {
  readonly kind: FillKind
  readonly lower: Column | null
  readonly upper: Column
  /** Value at the top of the lane where the area has a scale of its own. */
  readonly top?: number
}

/** An interval around a line; where n is small it is hatched and its points are hollow. */
export interface Band {
  readonly colour: number
  readonly value: Column
  readonly lower: Column
  readonly upper: Column
  readonly n: readonly number[]
}

export interface ReadoutRow {
  readonly name: string
  /** Colour of the line, or the fill that the row stands for. */
  readonly swatch: number | FillKind | null
  /** Texts at a step, one a column. */
  readonly cells: (index: number) => readonly string[]
  /** Whether the value at the step rests on few answers. */
  readonly few?: (index: number) => boolean
}

export interface Readout {
  readonly columns: readonly string[]
  readonly rows: readonly ReadoutRow[]
}

export interface Lane {
  readonly id: LaneId
  readonly title: string
  /** What the axis measures. */
  readonly unit: string
  /** Where points lie. */
  readonly timesMs: readonly number[]
  /** Where the step of each point begins. */
  readonly startsMs: readonly number[]
  readonly stepMs: number
  readonly lines: readonly Line[]
  readonly fills: readonly Fill[]
  readonly bands: readonly Band[]
  readonly threshold: number | null
  readonly scale: Scale
  readonly tick: (value: number) => string
  readonly readout: Readout
  /** What the picture shows, for those who do not see it. */
  readonly summary: string
  /** Why nothing is drawn; `null` when something is. */
  readonly missing: string | null
}

/** What each lane is made from. */
export interface LaneInput {
  readonly board: Board
  readonly drawn: readonly DrawnModel[]
  readonly dimension: string
}

/** The step that the read-out shows: the one under the crosshair, else the newest that says something. */
export function readoutIndex(lane: Lane, crosshairMs: number | null): number {
  if (crosshairMs !== null) return indexAt(lane.startsMs, crosshairMs)
  for (let i = lane.startsMs.length - 1; i >= 0; i--) {
    if (lane.bands.some(({ n }) => (n[i] ?? 0) >= fewAnswers)) return i
  }
  const columns = [
    ...lane.lines.map((line) => line.values),
    ...lane.bands.map((band) => band.value),
    ...lane.fills.map((fill) => fill.upper),
  ]
  for (let i = lane.startsMs.length - 1; i >= 0; i--) {
    if (columns.some((column) => (column[i] ?? null) !== null)) return i
  }
  return lane.startsMs.length - 1
}

/** Middles of the board's steps: where a value that speaks for the whole step is drawn. */
export function middlesOf({ timesMs, stepMs }: Board): readonly number[] {
  return timesMs.map((time) => time + stepMs / 2)
}

/** All values of several columns, for an axis. */
export function* valuesOf(columns: Iterable<Column>): Iterable<number | null> {
  for (const column of columns) yield* column
}

/** The value at a step; beyond the ends there is none. */
export function at(column: Column, index: number): number | null {
  return column[index] ?? null
}

/** Smallest, largest and newest of a column in words, e.g. `2.88 now, between 2.10 and 3.40`. */
export function inWords(column: Column, format: (value: number) => string): string {
  const read = column.filter((value) => value !== null)
  const last = read.at(-1)
  if (last === undefined) return 'no data'
  return `${format(last)} at the end, between ${format(Math.min(...read))} and ${format(Math.max(...read))}`
}
