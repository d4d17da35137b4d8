// What a writer does with the segments that its last run left unsealed.
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import type { CommitLog } from './commit-log.ts'
import { DamagedSegment, quarantine, readCommits, verify } from './sealed-segments.ts'
import { parseSegmentName, suffix } from './segment-name.ts'

export interface Recovery {
  readonly sealed: number
  /** Bytes that were never acknowledged and are gone. */
  readonly cutBytes: number
  readonly quarantined: number
}

/**
 * Verifies each unsealed segment of `writer`, cuts a torn tail back to the last commit and seals it.
 * Only for the one live writer of that name.
 */
export async function recover(directory: string, writer: string, log: Log): Promise<Recovery> {
  const files = await readdir(directory)
  const mine = files.filter((file) => parseSegmentName(file)?.writer === writer)
  const totals = { sealed: 0, cutBytes: 0, quarantined: 0 }
  for (const file of mine.filter((each) => each.endsWith(suffix.open))) {
    const name = file.slice(0, -suffix.open.length)
    try {
      const cutBytes = await recoverOne(join(directory, name))
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
  await removeOrphans(directory, mine)
  if (totals.sealed > 0) log.info({ directory, ...totals }, 'Unsealed segments were recovered.')
  return totals
}

/** Bytes cut off the tail; `undefined` when the segment never held a commit and is gone. */
async function recoverOne(path: string): Promise<number | undefined> {
  const [commits, data] = await Promise.all([readCommits(path), readFile(path + suffix.open)])
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

/** Sidecars whose rows the loader removed just before it was stopped. */
async function removeOrphans(directory: string, before: readonly string[]): Promise<void> {
  const present = new Set(await readdir(directory))
  for (const file of before.filter((each) => each.endsWith(suffix.commits))) {
    const name = file.slice(0, -suffix.commits.length)
    if (present.has(name + suffix.open) || present.has(name + suffix.sealed)) continue
    await rm(join(directory, file), { force: true })
  }
}
