// A table as its writer sees it: ordered columns, each with the exact type of the migration's SQL.
import type { RecordKind } from '../records/record-kind.ts'
import { dayOf, mergeRuns, type DayRun } from './day-runs.ts'
import {
  writeBool,
  writeFloat64,
  writeMilliseconds,
  writePairs,
  writeString,
  writeStrings,
  writeUint128Hex,
  writeUint16,
  writeUint32,
  writeUint64,
  writeUint8,
  type RowBuffer,
} from './row-binary.ts'

/** One column: where its value comes from and how it is written. */
export interface Column<Row> {
  readonly name: string
  readonly type: string
  readonly write: (buffer: RowBuffer, row: Row) => void
}

/** Tables that the spool fills; `series` travels beside `samples`, and `texts` beside `calls`. */
export type TableName = RecordKind | 'series' | 'texts'

/** Columns in the order of the table's definition. */
export interface Table<Row> {
  readonly name: TableName
  readonly columns: readonly Column<Row>[]
  /** Epoch milliseconds of a row, in tables that keep every row until it expires by this time. */
  readonly timeMs?: (row: Row) => number
}

/** What a run of rows covers. */
export interface Span {
  readonly rows: number
  /** Earliest and latest `timeMs`; `null` where the table has none. */
  readonly times: { readonly fromMs: number; readonly toMs: number } | null
  /** Where the rows lie when that is more than one day. */
  readonly days?: readonly DayRun[]
}

/** On which days the rows lie; none where the table has no times. */
export function runsOf(span: Span): readonly DayRun[] {
  if (span.times === null || span.rows === 0) return []
  const { fromMs, toMs } = span.times
  return span.days ?? [{ from: dayOf(fromMs), to: dayOf(toMs), rows: span.rows }]
}

/** Two runs as one. */
export function joinSpans(a: Span, b: Span): Span {
  const rows = a.rows + b.rows
  if (a.rows === 0) return b
  if (b.rows === 0) return a
  if (a.times === null || b.times === null) return { rows, times: null }
  const fromMs = Math.min(a.times.fromMs, b.times.fromMs)
  const toMs = Math.max(a.times.toMs, b.times.toMs)
  return {
    rows,
    times: { fromMs, toMs },
    ...daysBetween(fromMs, toMs, () => [...runsOf(a), ...runsOf(b)]),
  }
}

/** Said only where one day does not say it all. */
function daysBetween(
  fromMs: number,
  toMs: number,
  runs: () => readonly DayRun[],
): Pick<Span, 'days'> {
  return dayOf(fromMs) === dayOf(toMs) ? {} : { days: mergeRuns(runs()) }
}

/** Appends rows; throws without a trace of the one that does not fit. */
export function writeRows<Row>(buffer: RowBuffer, table: Table<Row>, rows: readonly Row[]): Span {
  for (const row of rows) writeRow(buffer, table, row)
  return spanOf(table, rows)
}

function spanOf<Row>({ timeMs: timeOf }: Table<Row>, rows: readonly Row[]): Span {
  if (timeOf === undefined) return { rows: rows.length, times: null }
  const times = rows.map(timeOf)
  return spanOfTimes(times.length, times)
}

/** What rows with these times (epoch ms) cover. @param times the first `rows` of them count */
export function spanOfTimes(rows: number, times: ArrayLike<number>): Span {
  if (rows === 0) return { rows, times: null }
  let fromMs = Number.POSITIVE_INFINITY
  let toMs = Number.NEGATIVE_INFINITY
  for (let row = 0; row < rows; row += 1) {
    const timeMs = times[row] ?? Number.NaN
    if (timeMs < fromMs) fromMs = timeMs
    if (timeMs > toMs) toMs = timeMs
  }
  const runs = () =>
    Array.from({ length: rows }, (_, row) => {
      const day = dayOf(times[row] ?? Number.NaN)
      return { from: day, to: day, rows: 1 }
    })
  return { rows, times: { fromMs, toMs }, ...daysBetween(fromMs, toMs, runs) }
}

/** Appends one row; throws without a trace in the buffer when a value does not fit its column. */
export function writeRow<Row>(buffer: RowBuffer, table: Table<Row>, row: Row): void {
  const start = buffer.length
  try {
    for (const column of table.columns) column.write(buffer, row)
  } catch (error) {
    buffer.length = start
    throw error
  }
}

/** Names and types as the engine wants them, e.g. `` `project` String, `time` DateTime64(3, 'UTC') ``. */
export function structureOf<Row>(table: Table<Row>): string {
  return table.columns.map((column) => `\`${column.name}\` ${column.type}`).join(', ')
}

type Get<Row, Value> = (row: Row) => Value

/** `String`: text that rarely repeats. */
export function text<Row>(name: string, get: Get<Row, string>): Column<Row> {
  return { name, type: 'String', write: (buffer, row) => writeString(buffer, get(row)) }
}

/** `LowCardinality(String)`: names and kinds, kept as a dictionary. */
export function word<Row>(name: string, get: Get<Row, string>): Column<Row> {
  return {
    name,
    type: 'LowCardinality(String)',
    write: (buffer, row) => writeString(buffer, get(row)),
  }
}

/** `Array(LowCardinality(String))`. */
export function words<Row>(name: string, get: Get<Row, readonly string[]>): Column<Row> {
  return {
    name,
    type: 'Array(LowCardinality(String))',
    write: (buffer, row) => writeStrings(buffer, get(row)),
  }
}

/** `Map(LowCardinality(String), String)`. */
export function pairs<Row>(
  name: string,
  get: Get<Row, Readonly<Record<string, string>>>,
): Column<Row> {
  return {
    name,
    type: 'Map(LowCardinality(String), String)',
    write: (buffer, row) => writePairs(buffer, get(row)),
  }
}

/** `Bool`. */
export function flag<Row>(name: string, get: Get<Row, boolean>): Column<Row> {
  return { name, type: 'Bool', write: (buffer, row) => writeBool(buffer, get(row)) }
}

/** `UInt16`. */
export function uint16<Row>(name: string, get: Get<Row, number>): Column<Row> {
  return { name, type: 'UInt16', write: (buffer, row) => writeUint16(buffer, get(row)) }
}

/** `UInt32`. */
export function uint32<Row>(name: string, get: Get<Row, number>): Column<Row> {
  return { name, type: 'UInt32', write: (buffer, row) => writeUint32(buffer, get(row)) }
}

/** `UInt64`. */
export function uint64<Row>(name: string, get: Get<Row, bigint>): Column<Row> {
  return { name, type: 'UInt64', write: (buffer, row) => writeUint64(buffer, get(row)) }
}

/** `UInt128` from the hex digits of a hash; an empty text is 0. */
export function hash<Row>(name: string, get: Get<Row, string>): Column<Row> {
  return { name, type: 'UInt128', write: (buffer, row) => writeUint128Hex(buffer, get(row)) }
}

/** `Float64`. */
export function float<Row>(name: string, get: Get<Row, number>): Column<Row> {
  return { name, type: 'Float64', write: (buffer, row) => writeFloat64(buffer, get(row)) }
}

/** `Nullable(Float64)`: `null` = no reading. */
export function nullableFloat<Row>(name: string, get: Get<Row, number | null>): Column<Row> {
  return { name, type: 'Nullable(Float64)', write: nullable(get, writeFloat64) }
}

/** `Nullable(UInt32)`: `null` = not known. */
export function nullableUint32<Row>(name: string, get: Get<Row, number | null>): Column<Row> {
  return { name, type: 'Nullable(UInt32)', write: nullable(get, writeUint32) }
}

/** `DateTime64(3, 'UTC')` from epoch milliseconds. */
export function time<Row>(name: string, get: Get<Row, number>): Column<Row> {
  return {
    name,
    type: "DateTime64(3, 'UTC')",
    write: (buffer, row) => writeMilliseconds(buffer, get(row)),
  }
}

/** `Enum8` over the given names, coded 0, 1, 2 ... in their order. */
export function choice<Row, Name extends string>(
  name: string,
  names: readonly Name[],
  get: Get<Row, Name>,
): Column<Row> {
  const codes = new Map<string, number>(names.map((each, code) => [each, code]))
  return {
    name,
    type: `Enum8(${names.map((each, code) => `'${each}' = ${code}`).join(', ')})`,
    write: (buffer, row) => {
      const code = codes.get(get(row))
      if (code === undefined)
        throw new RangeError(`${name} is ${get(row)}, expected ${names.join(', ')}`)
      writeUint8(buffer, code)
    },
  }
}

function nullable<Row>(
  get: Get<Row, number | null>,
  write: (buffer: RowBuffer, value: number) => void,
) {
  return (buffer: RowBuffer, row: Row): void => {
    const value = get(row)
    writeUint8(buffer, value === null ? 1 : 0)
    if (value !== null) write(buffer, value)
  }
}
