// The embedded engine notes an insert's deduplication token before it puts the part in place. Killed between
// the two it would take the next attempt for a duplicate and lose the rows. So each attempt first notes here
// which block every table has reached: a table that went no further holds no row of it, and its token is forgotten.
import { open, readFile, rename, rm } from 'node:fs/promises'
import { z } from 'zod'
import type { ResultTable } from './engine.ts'

export interface LoadJournal {
  /** Before each insert of one partition of a segment; `false` = the last run had finished that one. */
  begin(segment: string, partition: string): Promise<boolean>
  /** After a clean stop there is no doubt to remember. */
  remove(): Promise<void>
}

/** The session that inserts; nothing else inserts meanwhile. */
export interface JournalSession {
  select(sql: string): Promise<ResultTable>
  command(sql: string): Promise<void>
}

/** Opens the journal at `path` and settles what the last run left in doubt. */
export async function openLoadJournal(path: string, session: JournalSession): Promise<LoadJournal> {
  let last = await readEntry(path)
  if (last !== undefined) await settle(last, session)
  return {
    async begin(segment, partition) {
      const same = last?.segment === segment ? last : undefined
      if (same?.finished.includes(partition)) return false
      if (same?.partition === partition) {
        await settle(same, session)
        return true
      }
      const finished = same === undefined ? [] : [...same.finished, same.partition]
      last = { segment, partition, finished, blocks: await reachedBlocks(session) }
      await writeEntry(path, last)
      return true
    },
    remove: () => rm(path, { force: true }),
  }
}

const entrySchema = z.object({
  segment: z.string(),
  /** Partition that was being inserted. */
  partition: z.string(),
  /** Partitions of the segment that were inserted before it: their tokens may be forgotten with its own. */
  finished: z.array(z.string()),
  /** Highest block of each table that has any part. */
  blocks: z.record(z.string(), z.number()),
})

type Entry = z.infer<typeof entrySchema>

/** Forgets the tokens of each table that the attempt never reached. What it did reach stays deduplicated. */
async function settle(entry: Entry, session: JournalSession): Promise<void> {
  const blocks = await reachedBlocks(session)
  const { rows } = await session.select(
    `SELECT name, extract(engine_full, 'non_replicated_deduplication_window = (\\\\d+)') AS window
     FROM system.tables WHERE database = currentDatabase() AND window != ''`,
  )
  for (const [name, window] of rows) {
    const table = String(name)
    if ((blocks[table] ?? 0) > (entry.blocks[table] ?? 0)) continue
    // A window of nothing empties the memory of tokens; there is no statement for it.
    await session.command(
      `ALTER TABLE \`${table}\` MODIFY SETTING non_replicated_deduplication_window = 0`,
    )
    await session.command(
      `ALTER TABLE \`${table}\` MODIFY SETTING non_replicated_deduplication_window = ${String(window)}`,
    )
  }
}

/** Block numbers start at 1 and only grow; a merged part carries the highest of its sources. */
async function reachedBlocks(session: JournalSession): Promise<Record<string, number>> {
  const { rows } = await session.select(
    'SELECT table, max(max_block_number) FROM system.parts WHERE database = currentDatabase() GROUP BY table',
  )
  return Object.fromEntries(rows.map(([table, block]) => [String(table), Number(block)]))
}

async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    return entrySchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function writeEntry(path: string, entry: Entry): Promise<void> {
  const draft = await open(`${path}.draft`, 'w')
  try {
    await draft.writeFile(JSON.stringify(entry))
    await draft.datasync()
  } finally {
    await draft.close()
  }
  await rename(`${path}.draft`, path)
}
