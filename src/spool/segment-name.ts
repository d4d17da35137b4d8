// Names of a segment's files: `calls-gateway-0190...-....rows` while it is written, `.sealed` after, `.commits` beside.
import { uuidv7 } from '../records/record-id.ts'
import { tables } from './table-registry.ts'
import type { TableName } from './table.ts'

export interface SegmentName {
  readonly name: string
  readonly table: TableName
  readonly writer: string
  /** From the id, so names of all writers sort by time. */
  readonly createdAtMs: number
}

/** Suffix of each of a segment's files. */
export const suffix = { open: '.rows', sealed: '.sealed', commits: '.commits' } as const

/** A name that no other segment ever has. @param timeMs epoch milliseconds */
export function newSegmentName(table: TableName, writer: string, timeMs: number): SegmentName {
  const id = uuidv7(timeMs)
  return { name: `${table}-${writer}-${id}`, table, writer, createdAtMs: timeMs }
}

/** The name that a file belongs to; `undefined` for files that are not of the spool. */
export function parseSegmentName(file: string): SegmentName | undefined {
  const match = pattern.exec(file)
  const [, name, table, writer, high, low] = match ?? []
  if (name === undefined || writer === undefined || table === undefined || !isTable(table)) {
    return undefined
  }
  return { name, table, writer, createdAtMs: Number.parseInt(`${high}${low}`, 16) }
}

/** Whether `writer` can be part of a segment's name. */
export function isWriterName(writer: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(writer)
}

const pattern =
  /^(([a-z]+)-([A-Za-z0-9_-]+)-([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})\.(?:rows|sealed|commits)$/

function isTable(table: string): table is TableName {
  return Object.hasOwn(tables, table)
}
