// What the embedded engine says of a table's inserts: which tables one feeds, how far each has come, and its memory of tokens.
import { RetryableError } from '../records/failure.ts'
import type { ResultTable } from './engine.ts'
import { literal } from './parameters.ts'

/** The session that inserts. */
export interface TableSession {
  select(sql: string): Promise<ResultTable>
  command(sql: string): Promise<void>
}

/** A table and those that materialized views fill with each insert, directly or one out of another. */
export async function tablesFedBy(
  table: string,
  session: TableSession,
): Promise<readonly string[]> {
  const { rows } = await session.select(
    `SELECT source.name, extract(view.create_table_query, ' TO (?:\\\\S+\\\\.)?\`?(\\\\w+)')
     FROM (
       SELECT name, arrayJoin(dependencies_table) AS dependent FROM system.tables
       WHERE database = currentDatabase()) AS source
     INNER JOIN (
       SELECT name, create_table_query FROM system.tables
       WHERE database = currentDatabase() AND engine = 'MaterializedView') AS view ON view.name = source.dependent`,
  )
  const fed = new Set([table])
  // A set is walked in the order of its items, those that are added on the way too.
  for (const source of fed) {
    for (const [name, target] of rows) if (name === source) fed.add(String(target))
  }
  return [...fed]
}

/**
 * Highest block of each table, 0 = none. An insert takes a higher one than all before it;
 * a merged part carries the highest of its sources.
 */
export async function reachedBlocks(
  tables: readonly string[],
  session: TableSession,
): Promise<Readonly<Record<string, number>>> {
  const { rows } = await session.select(
    `SELECT table, max(max_block_number) FROM system.parts
     WHERE database = currentDatabase() AND table IN (${tables.map(literal).join(', ')}) GROUP BY table`,
  )
  const found = new Map(rows.map(([table, block]) => [String(table), Number(block)]))
  return Object.fromEntries(tables.map((table) => [table, found.get(table) ?? 0]))
}

/** Bytes that must be free before a table's definition is written anew. */
const leastRoomBytes = 32 * 1_024 * 1_024

/** ALTER truncates a table's definition before it writes it: where that fails, the next start finds no such table. */
async function requireRoom(table: string, session: TableSession): Promise<void> {
  const { rows } = await session.select('SELECT min(unreserved_space) FROM system.disks')
  const freeBytes = Number(rows[0]?.[0])
  if (freeBytes >= leastRoomBytes) return
  throw new RetryableError(
    `The disk of the store has ${freeBytes} bytes left, at least ${leastRoomBytes} are wanted before table ${table} is touched: free some, and loading goes on.`,
  )
}

/** Makes a table forget which inserts it has seen; rejects with a `RetryableError` on a disk that is almost full. */
export async function forgetTokens(table: string, session: TableSession): Promise<void> {
  await requireRoom(table, session)
  // A window of nothing empties the memory; there is no statement for it. The number is the migrations' own, because
  // a kill between the two leaves 0 to be read.
  for (const window of [0, 10_000]) {
    await session.command(
      `ALTER TABLE \`${table}\` MODIFY SETTING non_replicated_deduplication_window = ${window}`,
    )
  }
}
