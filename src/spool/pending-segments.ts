// Segments that the store does not have yet: what they hold by their commit logs, which are small.
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Commit } from './commit-log.ts'
import { originOf, type HandOver } from './hand-overs.ts'
import { DamagedSegment, readCommits } from './sealed-segments.ts'
import { parseSegmentName, suffix, type SegmentName } from './segment-name.ts'

export interface PendingSegment extends SegmentName {
  readonly directory: string
  readonly isQuarantined: boolean
  /** Whether the file of its rows is there; where not, its commit log says what was lost. */
  readonly hasRows: boolean
  /** `null` = its commit log is damaged, so nobody knows. */
  readonly commits: readonly Commit[] | null
}

/** Folder of segments that were set aside. */
export function quarantineDirectory(directory: string): string {
  return join(directory, 'quarantine')
}

/** All segments in a spool directory, also those set aside and those being written. A directory that is not there is empty. */
export async function readPending(directory: string): Promise<readonly PendingSegment[]> {
  const places = [
    { directory, isQuarantined: false },
    { directory: quarantineDirectory(directory), isQuarantined: true },
  ]
  const found = await Promise.all(places.map(readPlace))
  return found.flat()
}

async function readPlace(place: {
  readonly directory: string
  readonly isQuarantined: boolean
}): Promise<readonly PendingSegment[]> {
  const files = await filesIn(place.directory)
  const names = new Map(
    files
      .map(parseSegmentName)
      .filter((name) => name !== undefined)
      .map((name) => [name.name, name]),
  )
  return await Promise.all(
    [...names.values()].map(async (name) => ({
      ...name,
      ...place,
      hasRows: await hasRows(place.directory, name.name),
      commits: await commitsOf(place, name),
    })),
  )
}

/** Asked of each file, since a list may miss one that is renamed meanwhile. */
async function hasRows(directory: string, name: string): Promise<boolean> {
  const path = join(directory, name)
  for (const ending of [suffix.open, suffix.sealed]) {
    const isThere = await access(path + ending).then(
      () => true,
      () => false,
    )
    if (isThere) return true
  }
  return false
}

async function filesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

async function commitsOf(
  { directory }: { readonly directory: string },
  { name }: SegmentName,
): Promise<readonly Commit[] | null> {
  try {
    return (await readCommits(join(directory, name))).commits
  } catch (error) {
    if (error instanceof DamagedSegment) return null
    throw error
  }
}

/** Which of a writer's counts of a table a segment took up: after `from`, up to `to`. */
export interface CountRange {
  readonly segment: string
  readonly from: number
  readonly to: number
}

/** The range of one segment; `undefined` when it holds nothing that was counted. */
function rangeOf(segment: string, commits: readonly Commit[]): CountRange | undefined {
  const [first] = commits
  const to = commits.at(-1)?.total ?? null
  if (first === undefined || first.total === null || to === null) return undefined
  return { segment, from: first.total - first.rows, to }
}

/** The ranges of what waits and of what was handed over. */
export function countRanges(
  pending: readonly PendingSegment[],
  handOvers: readonly HandOver[],
): readonly CountRange[] {
  const waiting = pending.map(({ name, commits }) => rangeOf(name, commits ?? []))
  const handed = handOvers.map(({ segment, rows, total }) =>
    total === null ? undefined : { segment, from: total - rows, to: total },
  )
  return [...waiting, ...handed].filter((range) => range !== undefined)
}

/**
 * The commits that count. One that a failing disk refused may have reached it all the same, and could not be cut off
 * before the process was killed: its rows were refused, so the writer counted on from the same number in a later segment.
 */
export function countedCommits(
  segment: string,
  commits: readonly Commit[],
  ranges: readonly CountRange[],
): readonly Commit[] {
  const origin = originOf(segment)
  const later = ranges.filter((range) => {
    const { writer, table } = originOf(range.segment)
    return writer === origin.writer && table === origin.table && range.segment > segment
  })
  const refused = commits.findIndex(({ total, rows }) => {
    if (total === null) return false
    const from = total - rows
    return later.some((range) => range.from <= from && from < range.to)
  })
  return refused === -1 ? commits : commits.slice(0, refused)
}

/** The segment with those of its commits that count. */
export function withCounted(
  segment: PendingSegment,
  ranges: readonly CountRange[],
): PendingSegment {
  const { name, commits } = segment
  return { ...segment, commits: commits && countedCommits(name, commits, ranges) }
}
