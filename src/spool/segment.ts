import type { RecordKeys } from './record-keys.ts'
import type { Span, TableName } from './table.ts'

/** A sealed file of whole RowBinary rows, ready to be loaded by the engine. */
export interface Segment extends Span {
  /** Unique for ever; also the deduplication token of its insert. */
  readonly name: string
  readonly table: TableName
  readonly path: string
  readonly bytes: number
  /** Names and types that the rows were written with; an older program may have had fewer columns. */
  readonly structure: string
  /** Of the records in it that may be sent again. */
  readonly keys: RecordKeys
  /** The writer's count of rows of this table with its last row; `null` = not counted. */
  readonly total: number | null
}
