// The load journal on disk: replaced as a whole, durable before the insert that it speaks of.
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { syncDirectory } from '../spool/directory-sync.ts'

const pieceSchema = z.object({
  segment: z.string(),
  /** File of the segment. */
  path: z.string(),
  table: z.string(),
  /** Month as `202601`; empty where the table has none. */
  partition: z.string(),
})

const attemptSchema = z.object({
  piece: pieceSchema,
  statement: z.string(),
  /** Whether an earlier look found it in some of its tables; `before` then names the others only. */
  isPartlyIn: z.boolean(),
  /** Highest block of each table that the statement feeds, before it ran; 0 = none yet. */
  before: z.record(z.string(), z.number()),
})

const entriesSchema = z.object({
  /** Pieces that are in and whose files may still be there. */
  finished: z.array(pieceSchema).readonly(),
  /** The insert that had not returned when this was written. */
  attempt: attemptSchema.nullable(),
})

/** Rows of a segment that go into one partition: one insert, one part a table. */
export type Piece = Readonly<z.infer<typeof pieceSchema>>

type JournalEntries = z.infer<typeof entriesSchema>

/** What the journal at `path` says; nothing when there is none. */
export async function readEntries(path: string): Promise<JournalEntries> {
  try {
    return entriesSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { finished: [], attempt: null }
    }
    throw error
  }
}

/** Replaces the journal; a reader finds the one before or this one whole. */
export async function writeEntries(path: string, entries: JournalEntries): Promise<void> {
  const draft = await open(`${path}.draft`, 'w')
  try {
    await draft.writeFile(JSON.stringify(entries))
    await draft.datasync()
  } finally {
    await draft.close()
  }
  await rename(`${path}.draft`, path)
  await syncDirectory(dirname(path))
}

/** Removes the journal: nothing is in doubt. */
export function removeEntries(path: string): Promise<void> {
  return rm(path, { force: true })
}
