// What the store's side of a spool sees: sealed segments, oldest first, verified before they are used.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { messageOf } from '../records/failure.ts'
import { parseCommitLog, type CommitLog } from './commit-log.ts'
import { syncDirectory } from './directory-sync.ts'
import { parseSegmentName, suffix, type SegmentName } from './segment-name.ts'
import { joinKeys } from './record-keys.ts'
import type { Segment } from './segment.ts'
import { joinSpans, type Span, type TableName } from './table.ts'

/** A segment waiting in a spool directory. */
export interface SealedSegment extends SegmentName {
  readonly directory: string
}

/**
 * Sealed segments of all writers, oldest first, but series and texts before all else: a sample never waits
 * for its series, nor a call for its texts.
 * A directory that does not exist yet is empty.
 */
export async function listSealed(directory: string): Promise<readonly SealedSegment[]> {
  const files = await readdir(directory).catch(emptyWhenAbsent)
  return files
    .filter((file) => file.endsWith(suffix.sealed))
    .map(parseSegmentName)
    .filter((name) => name !== undefined)
    .map((name) => ({ ...name, directory }))
    .toSorted(byAge)
}

/** Order in which segments are loaded. */
export function byAge(a: SealedSegment, b: SealedSegment): number {
  const referredFirst = Number(isReferred(b.table)) - Number(isReferred(a.table))
  return referredFirst || a.createdAtMs - b.createdAtMs || (a.name < b.name ? -1 : 1)
}

function isReferred(table: TableName): boolean {
  return table === 'series' || table === 'texts'
}

/** The bytes on disk are not those that were acknowledged. */
export class DamagedSegment extends Error {
  override readonly name = 'DamagedSegment'
}

/** Checks each commit of a sealed segment; throws `DamagedSegment` when a byte is not what was acknowledged. */
export async function readSealed(sealed: SealedSegment): Promise<Segment> {
  const path = join(sealed.directory, sealed.name)
  const data = await readFile(path + suffix.sealed)
  const { name, table } = sealed
  const log = await readCommits(path)
  const { bytes, structure, span } = verify(log, data)
  if (data.length !== bytes) {
    throw new DamagedSegment(`it has ${data.length} bytes, ${bytes} were committed`)
  }
  const keys = joinKeys(log.commits.map((commit) => commit.keys))
  const total = log.commits.at(-1)?.total ?? null
  return { ...span, name, table, path: path + suffix.sealed, bytes, structure, keys, total }
}

/** Removes a loaded segment for good; its rows first, so that no half of it is ever loaded. */
export async function removeSealed(sealed: SealedSegment): Promise<void> {
  const path = join(sealed.directory, sealed.name)
  await rm(path + suffix.sealed, { force: true })
  await rm(path + suffix.commits, { force: true })
  // A file that came back after a power cut would be loaded again by who has forgotten it.
  await syncDirectory(sealed.directory)
}

/** Sets a segment's files aside, with the reason beside them: kept for a person, never dropped. */
export async function quarantine(directory: string, name: string, reason: string): Promise<string> {
  const folder = join(directory, 'quarantine')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.reason`), `${reason}\n`)
  for (const ending of [suffix.commits, suffix.sealed, suffix.open]) {
    await rename(join(directory, name + ending), join(folder, name + ending)).catch(ignoreAbsent)
  }
  return join(folder, name)
}

/** The sidecar of the segment at `path` (without suffix); empty when there is none. */
export async function readCommits(path: string): Promise<CommitLog> {
  const text = await readFile(path + suffix.commits, 'utf8').catch(textWhenAbsent)
  try {
    return parseCommitLog(text)
  } catch (error) {
    throw new DamagedSegment(messageOf(error), { cause: error })
  }
}

/** Compares the data with what was committed; throws at the first run that differs. */
export function verify(
  log: CommitLog,
  data: Buffer,
): { readonly bytes: number; readonly structure: string; readonly span: Span } {
  let bytes = 0
  let span: Span = { rows: 0, times: null }
  for (const commit of log.commits) {
    const run = data.subarray(commit.start, commit.start + commit.length)
    if (run.length !== commit.length || crc32(run) !== commit.crc) {
      throw new DamagedSegment(
        `bytes ${commit.start} to ${commit.start + commit.length} fail their checksum`,
      )
    }
    bytes += commit.length
    span = joinSpans(span, commit)
  }
  if (log.structure === undefined) throw new DamagedSegment('its commit log has no first line')
  const { rows, times, days } = span
  return {
    bytes,
    structure: log.structure,
    span: { rows, times, ...(days === undefined ? {} : { days }) },
  }
}

function emptyWhenAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

function textWhenAbsent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
