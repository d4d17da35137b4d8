import type { RecordKind } from '../records/record-kind.ts'

/** A sealed file of whole RowBinary rows, ready to be loaded by the engine. */
export interface Segment {
  /** Unique for ever; also the deduplication token of its insert. */
  readonly name: string
  /** Table that the rows belong to; `series` travels beside `samples`. */
  readonly table: RecordKind | 'series'
  readonly path: string
  readonly bytes: number
  readonly rows: number
}
