import type { TableName } from './table.ts'

/** A sealed file of whole RowBinary rows, ready to be loaded by the engine. */
export interface Segment {
  /** Unique for ever; also the deduplication token of its insert. */
  readonly name: string
  readonly table: TableName
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** Names and types that the rows were written with; an older program may have had fewer columns. */
  readonly structure: string
}
