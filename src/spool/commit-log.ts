// The sidecar of a segment: one line a commit, each with its own checksum, so a torn line is told from a whole one.
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { DayRun } from './day-runs.ts'
import type { RecordKeys } from './record-keys.ts'
import type { Span } from './table.ts'

/** A run of whole rows that was durable before its line was written. */
export interface Commit extends Span {
  readonly start: number
  readonly length: number
  /** CRC-32 of the run's bytes in the data file. */
  readonly crc: number
  /**
   * Rows of this table that this writer has ever made durable, these included: what is missing shows as a gap.
   * `null` = written by a program that did not count.
   */
  readonly total: number | null
  /** Of the records in the run that may be sent again. */
  readonly keys: RecordKeys
}

export interface CommitLog {
  /** Names and types of the columns; `undefined` when even the first line is torn. */
  readonly structure: string | undefined
  readonly commits: readonly Commit[]
}

/** First line: what the rows look like. */
export function headerLine(structure: string): string {
  return checkedLine(JSON.stringify({ version: 1, structure }))
}

/** One commit's line. */
export function commitLine(commit: Commit): string {
  const { start, length, rows, crc, times, total, keys } = commit
  const range = times === null ? '' : ` ${times.fromMs} ${times.toMs}`
  const days = commit.days === undefined ? '' : ` d${JSON.stringify(commit.days.map(asNumbers))}`
  const count = total === null ? '' : ` t${total}`
  const ids = keys.length === 0 ? '' : ` k${Buffer.from(keys).toString('base64')}`
  return checkedLine(`${start} ${length} ${rows} ${hex(crc)}${range}${days}${count}${ids}`)
}

/**
 * Reads a sidecar. A torn last line is a commit that was never acknowledged, and is left out;
 * a broken line with whole ones after it is damage, and throws.
 */
export function parseCommitLog(text: string): CommitLog {
  const lines = text.split('\n')
  // What follows the last newline is empty, or a line that was cut off while it was written.
  lines.pop()
  const payloads = lines.map(payloadOf)
  const torn = payloads.indexOf(undefined)
  if (torn !== -1 && torn !== payloads.length - 1) {
    throw new Error(`line ${torn + 1} of ${lines.length} of the commit log is damaged`)
  }
  const [first, ...rest] = payloads.filter((payload) => payload !== undefined)
  if (first === undefined) return { structure: undefined, commits: [] }
  return {
    structure: header.parse(JSON.parse(first)).structure,
    commits: chain(rest.map(parseCommit)),
  }
}

const header = z.object({ version: z.literal(1), structure: z.string() })

/** Commits follow one another without a gap. */
function chain(commits: readonly Commit[]): readonly Commit[] {
  let end = 0
  for (const commit of commits) {
    if (commit.start !== end) throw new Error(`a commit starts at ${commit.start}, expected ${end}`)
    end += commit.length
  }
  return commits
}

const commitPattern =
  /^(\d+) (\d+) (\d+) ([0-9a-f]{8})(?: (-?[\d.]+) (-?[\d.]+))?(?: d(\S+))?(?: t(\d+))?(?: k(\S+))?$/

const dayRuns = z.array(z.tuple([z.int(), z.int(), z.int()]))

const asNumbers = ({ from, to, rows }: DayRun) => [from, to, rows]

function parseCommit(payload: string): Commit {
  const match = commitPattern.exec(payload)
  if (match === null) throw new Error(`"${payload}" is not a commit`)
  const [, start, length, rows, crc, fromMs, toMs, days, total, keys = ''] = match
  return {
    start: Number(start),
    length: Number(length),
    rows: Number(rows),
    crc: Number.parseInt(crc ?? '', 16),
    times: fromMs === undefined ? null : { fromMs: Number(fromMs), toMs: Number(toMs) },
    ...(days === undefined ? {} : { days: readRuns(days) }),
    total: total === undefined ? null : Number(total),
    keys: new Uint8Array(Buffer.from(keys, 'base64')),
  }
}

function readRuns(text: string): readonly DayRun[] {
  return dayRuns.parse(JSON.parse(text)).map(([from, to, rows]) => ({ from, to, rows }))
}

/** A payload with its checksum and a newline. */
export function checkedLine(payload: string): string {
  return `${payload} ${hex(crc32(payload))}\n`
}

/** The payload of a line without its newline; `undefined` when its checksum is not right. */
export function payloadOf(text: string): string | undefined {
  const payload = text.slice(0, -9)
  return text === `${payload} ${hex(crc32(payload))}` ? payload : undefined
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
