// Which pieces of segments are in the tables: each gets in once, whenever the process is killed.
//
// The embedded engine cannot tell. It notes an insert's deduplication token before it puts the part in place, one
// table after another (rows, rollups): killed in between, it takes the next attempt for a duplicate and loses rows.
// So this file notes, before each insert, the highest block of every table that it feeds; a table that has gone
// further holds the insert's part. That comparison is only true while nothing else has been inserted since, so an
// insert that did not return is judged before any other one starts:
// - all tables went further: it is in, and is not repeated;
// - none did: it is out, and may come again at any time;
// - some did: the others forget its token and it is repeated at once; those that hold it know the token.
// What is in stays noted until its file is gone: a piece that comes again would find its own blocks as the start.
import { access } from 'node:fs/promises'
import { messageOf, RetryableError } from '../records/failure.ts'
import { readEntries, removeEntries, writeEntries, type Piece } from './load-journal-file.ts'
import { forgetTokens, reachedBlocks, tablesFedBy, type TableSession } from './table-blocks.ts'

export interface LoadJournal {
  /** Runs the statement that inserts a piece, unless the piece is in; judges first what an insert before it left in doubt. */
  insertOnce(piece: Piece, statement: string): Promise<void>
  /** Leaves on disk only what the next run has to know. */
  close(): Promise<void>
}

/** Opens the journal at `path` and judges what the last run left in doubt. @param session nothing else inserts meanwhile */
export async function openLoadJournal(path: string, session: TableSession): Promise<LoadJournal> {
  let { finished, attempt } = await readEntries(path)

  const judge = async (): Promise<void> => {
    if (attempt === null) return
    const reached = await reachedBlocks(Object.keys(attempt.before), session)
    const missing = Object.entries(attempt.before).filter(
      ([table, before]) => (reached[table] ?? 0) <= before,
    )
    for (const [table] of missing) await forgetTokens(table, session)
    const isOut = !attempt.isPartlyIn && missing.length === Object.keys(attempt.before).length
    if (!isOut && missing.length > 0 && (await isThere(attempt.piece))) {
      const before = Object.fromEntries(missing.map(([table]) => [table, reached[table] ?? 0]))
      attempt = { ...attempt, isPartlyIn: true, before }
      await writeEntries(path, { finished, attempt })
      await repeat(attempt.piece, attempt.statement, session)
    }
    if (!isOut) finished = [...finished, attempt.piece]
    attempt = null
  }

  // What cannot be repeated now, on a full disk say, must not keep the store shut: the first load tries again.
  await judge().catch(() => undefined)
  return {
    async insertOnce(piece, statement) {
      await judge()
      if (finished.some((each) => isSame(each, piece))) return
      const tables = await tablesFedBy(piece.table, session)
      finished = await stillThere(finished)
      attempt = {
        piece,
        statement,
        isPartlyIn: false,
        before: await reachedBlocks(tables, session),
      }
      await writeEntries(path, { finished, attempt })
      await session.command(statement)
      finished = [...finished, piece]
      attempt = null
    },
    async close() {
      if (attempt !== null) return
      finished = await stillThere(finished)
      if (finished.length === 0) await removeEntries(path)
      else await writeEntries(path, { finished, attempt })
    },
  }
}

async function repeat(piece: Piece, statement: string, session: TableSession): Promise<void> {
  try {
    await session.command(statement)
  } catch (error) {
    throw new RetryableError(
      `${piece.path} was loaded in part when the last run was killed, and nothing else is loaded before its rest: ${messageOf(error)}. ` +
        'It is tried again; if the file itself is damaged, move it away.',
      { cause: error },
    )
  }
}

function isSame(a: Piece, b: Piece): boolean {
  return a.segment === b.segment && a.partition === b.partition
}

/** Without those whose segment was deleted or set aside: it never comes again. */
async function stillThere(pieces: readonly Piece[]): Promise<readonly Piece[]> {
  const there = await Promise.all(pieces.map(isThere))
  return pieces.filter((_, index) => there[index])
}

async function isThere({ path }: Piece): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
}
