import type { BoardGpu } from '../contract.ts'
import type { BillColumns } from './bill-columns.ts'
import type { BoardData } from './board-data.ts'
import type { Grid } from './grid.ts'
import type { Readings } from './readings.ts'

/** What the models of a board share. */
export interface BoardParts {
  readonly data: BoardData
  readonly grid: Grid
  readonly bill: BillColumns
  readonly readings: Readings
  /** Steps in which the fleet was seen at all: there, no call means zero calls. */
  readonly observed: ReadonlySet<number>
  readonly gpus: readonly BoardGpu[]
}

/** Where the quantiles stand in `Quantiles`. */
export const p50 = 0
export const p95 = 1
