// What has left the spool for the store: counted for ever, key by key for a day. The pure part; hand-over-log.ts has the disk.
import { z } from 'zod'
import { checkedLine, payloadOf } from './commit-log.ts'
import { mergeRuns, type DayRun } from './day-runs.ts'
import type { RecordKeys } from './record-keys.ts'
import { parseSegmentName, suffix } from './segment-name.ts'
import type { TableName } from './table.ts'

/** One segment whose rows are durable in the store. */
export interface HandOver {
  readonly segment: string
  /** Epoch milliseconds. */
  readonly atMs: number
  readonly rows: number
  /** The writer's count with its last row; `null` = written by a program that did not count. */
  readonly total: number | null
  readonly days: readonly DayRun[]
  readonly keys: RecordKeys
}

/** Rows of one writer and table that the store has got, and how far the writer's count was then. */
export interface HandedRows {
  readonly rows: number
  readonly total: number
}

/** Everything that was ever handed over, as sums. */
export interface HandOverSums {
  /** By `writer table`. */
  readonly writers: ReadonlyMap<string, HandedRows>
  /** By table: on which days the rows lie that the store must hold. */
  readonly days: ReadonlyMap<string, readonly DayRun[]>
}

/** Nothing yet. @param days what a store held before anybody counted */
export function startSums(days: ReadonlyMap<string, readonly DayRun[]> = new Map()): HandOverSums {
  return { writers: new Map(), days }
}

/** The sums with one more. */
export function addHandOver(sums: HandOverSums, handOver: HandOver): HandOverSums {
  const { table, writer } = originOf(handOver.segment)
  const days = new Map(sums.days)
  if (handOver.days.length > 0) {
    days.set(table, mergeRuns([...(days.get(table) ?? []), ...handOver.days]).slice(-mostRuns))
  }
  if (handOver.total === null) return { ...sums, days }
  const name = accountName(writer, table)
  const before = sums.writers.get(name) ?? { rows: 0, total: 0 }
  const after = {
    rows: before.rows + handOver.rows,
    total: Math.max(before.total, handOver.total),
  }
  return { writers: new Map(sums.writers).set(name, after), days }
}

/** Ten years, the longest retention there is. */
const mostRuns = 3_700

/** Name of a writer's account of a table. */
export function accountName(writer: string, table: string): string {
  return `${writer} ${table}`
}

/** Writer and table of a segment, by its name. */
export function originOf(segment: string): { readonly writer: string; readonly table: TableName } {
  const name = parseSegmentName(segment + suffix.sealed)
  if (name === undefined) throw new Error(`"${segment}" is no segment's name`)
  return name
}

const runsSchema = z
  .array(z.tuple([z.int(), z.int(), z.int()]))
  .transform((runs) => runs.map(([from, to, rows]) => ({ from, to, rows })))

const handOverSchema = z.object({
  segment: z.string().refine((name) => parseSegmentName(name + suffix.sealed) !== undefined),
  atMs: z.number(),
  rows: z.int(),
  total: z.int().nullable(),
  days: runsSchema,
  keys: z.string().transform((text): RecordKeys => new Uint8Array(Buffer.from(text, 'base64'))),
})

const sumsSchema = z.object({
  version: z.literal(1),
  writers: z.record(z.string(), z.object({ rows: z.int(), total: z.int() })),
  days: z.record(z.string(), runsSchema),
})

const asNumbers = (runs: readonly DayRun[]) => runs.map(({ from, to, rows }) => [from, to, rows])

/** First line of a file: the sums of all files before it. */
export function sumsLine({ writers, days }: HandOverSums): string {
  return checkedLine(
    JSON.stringify({
      version: 1,
      writers: Object.fromEntries(writers),
      days: Object.fromEntries([...days].map(([table, runs]) => [table, asNumbers(runs)])),
    }),
  )
}

/** One line a segment. */
export function handOverLine(handOver: HandOver): string {
  const keys = Buffer.from(handOver.keys).toString('base64')
  return checkedLine(JSON.stringify({ ...handOver, days: asNumbers(handOver.days), keys }))
}

export interface HandOverFile {
  /** `undefined` when the first line is damaged. */
  readonly before: HandOverSums | undefined
  readonly handOvers: readonly HandOver[]
  /** Lines that are not what was written; a torn end is none. */
  readonly damagedLines: number
  /** Bytes up to the last newline. */
  readonly bytes: number
}

/** Reads a file; a line that is cut off at its end was never relied on. */
export function parseHandOvers(text: string): HandOverFile {
  const end = text.lastIndexOf('\n') + 1
  const [first, ...rest] = text.slice(0, end).split('\n').slice(0, -1)
  const handOvers = rest.map((line) => read(line, handOverSchema))
  const whole = handOvers.filter((handOver) => handOver !== undefined)
  const before = first === undefined ? undefined : read(first, sumsSchema)
  return {
    before: before && {
      writers: new Map(Object.entries(before.writers)),
      days: new Map(Object.entries(before.days)),
    },
    handOvers: whole,
    damagedLines: rest.length - whole.length + (before === undefined ? 1 : 0),
    bytes: Buffer.byteLength(text.slice(0, end)),
  }
}

function read<Schema extends z.ZodType>(
  line: string,
  schema: Schema,
): z.output<Schema> | undefined {
  const payload = payloadOf(line)
  return payload === undefined ? undefined : schema.safeParse(JSON.parse(payload)).data
}
