// What a writer does with the segments that its last run left unsealed.
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import type { CommitLog } from './commit-log.ts'
import { syncDirectory } from './directory-sync.ts'
import { accountName, type HandOver } from './hand-overs.ts'
import type { HandOverRecord } from './hand-over-log.ts'
import {
  countedCommits,
  countRanges,
  readPending,
  withCounted,
  type CountRange,
  type PendingSegment,
} from './pending-segments.ts'
import { DamagedSegment, quarantine, readCommits, verify } from './sealed-segments.ts'
import { parseSegmentName, suffix } from './segment-name.ts'
import { tables } from './table-registry.ts'

export interface Recovery {
  readonly sealed: number
  /** Bytes that were never acknowledged and are gone. */
  readonly cutBytes: number
  readonly quarantined: number
  /** Rows that this writer ever made durable, by table. */
  readonly acceptedBefore: ReadonlyMap<string, number>
}

/**
 * Verifies each unsealed segment of `writer`, cuts a torn tail back to the last commit and seals it.
 * Only for the one live writer of that name.
 */
export async function recover(options: RecoveryOptions, log: Log): Promise<Recovery> {
  const { directory, writer, handedOver } = options
  // The folder before the log: a segment that leaves meanwhile is then in one of the two at least.
  const pending = await readPending(directory)
  const record = await handedOver()
  const ranges = countRanges(pending, record.handOvers)
  const counted = pending.map((segment) => withCounted(segment, ranges))
  const files = await readdir(directory)
  const mine = files.filter((file) => parseSegmentName(file)?.writer === writer)
  const totals = { sealed: 0, cutBytes: 0, quarantined: 0 }
  for (const file of mine.filter((each) => each.endsWith(suffix.open))) {
    const name = file.slice(0, -suffix.open.length)
    try {
      const cutBytes = await recoverOne(directory, name, ranges)
      totals.cutBytes += cutBytes ?? 0
      totals.sealed += cutBytes === undefined ? 0 : 1
    } catch (error) {
      if (!(error instanceof DamagedSegment)) throw error
      const place = await quarantine(directory, name, messageOf(error))
      totals.quarantined += 1
      log.error(
        { segment: name, place, error: messageOf(error) },
        'A damaged segment was set aside.',
      )
    }
  }
  totals.quarantined += await removeOrphans(options, record.handOvers, log)
  await syncDirectory(directory)
  if (totals.sealed > 0) log.info({ directory, ...totals }, 'Unsealed segments were recovered.')
  return { ...totals, acceptedBefore: acceptedBefore(writer, record, counted) }
}

export interface RecoveryOptions {
  readonly directory: string
  readonly writer: string
  /** What has left the spool. */
  readonly handedOver: () => Promise<Pick<HandOverRecord, 'sums' | 'handOvers'>>
}

function acceptedBefore(
  writer: string,
  { sums, handOvers }: Pick<HandOverRecord, 'sums' | 'handOvers'>,
  pending: readonly PendingSegment[],
): ReadonlyMap<string, number> {
  const accepted = new Map<string, number>()
  const ranges = countRanges(pending, handOvers)
  for (const table of Object.keys(tables)) {
    const mine = ranges.filter(({ segment }) => segment.startsWith(`${table}-${writer}-`))
    const handed = sums.writers.get(accountName(writer, table))?.total ?? 0
    accepted.set(
      table,
      mine.reduce((most, { to }) => Math.max(most, to), handed),
    )
  }
  return accepted
}

/** Bytes cut off the tail; `undefined` when the segment never held a commit and is gone. */
async function recoverOne(
  directory: string,
  name: string,
  ranges: readonly CountRange[],
): Promise<number | undefined> {
  const path = join(directory, name)
  const [written, data] = await Promise.all([readCommits(path), readFile(path + suffix.open)])
  const commits = { ...written, commits: countedCommits(name, written.commits, ranges) }
  if (commits.commits.length === 0) {
    await rm(path + suffix.open)
    await rm(path + suffix.commits, { force: true })
    return undefined
  }
  const { bytes } = verify(commits, data)
  await cutTails(path, bytes, commits)
  await rename(path + suffix.open, path + suffix.sealed)
  return data.length - bytes
}

async function cutTails(path: string, bytes: number, commits: CommitLog): Promise<void> {
  await cut(path + suffix.open, bytes)
  const log = await readFile(path + suffix.commits)
  let end = 0
  for (let line = 0; line <= commits.commits.length; line += 1) end = log.indexOf('\n', end) + 1
  await cut(path + suffix.commits, end)
}

async function cut(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.truncate(length)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** Commit logs without rows: those of loaded segments go, others are the last trace of rows that are lost. */
async function removeOrphans(
  { directory, writer }: RecoveryOptions,
  handOvers: readonly HandOver[],
  log: Log,
): Promise<number> {
  const loaded = new Set(handOvers.map(({ segment }) => segment))
  const pending = await readPending(directory)
  const orphans = pending.filter(
    (each) => each.writer === writer && !each.hasRows && !each.isQuarantined,
  )
  let lost = 0
  for (const { name, commits } of orphans) {
    const rows = (commits ?? []).reduce((sum, commit) => sum + commit.rows, 0)
    if (rows === 0 || loaded.has(name)) {
      await rm(join(directory, name + suffix.commits), { force: true })
      continue
    }
    lost += 1
    const reason = `the file of its ${rows} rows is gone, and they were not in the store`
    const place = await quarantine(directory, name, reason)
    log.error({ segment: name, place, error: reason }, 'Rows of a segment are lost.')
  }
  return lost
}
