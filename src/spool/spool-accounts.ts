// The spool's side of the accounts, from what is durable alone: accepted = handed over + waiting + set aside.
import type { HandOverLog, HandOverRecord } from './hand-over-log.ts'
import { accountName } from './hand-overs.ts'
import { countRanges, readPending, withCounted, type PendingSegment } from './pending-segments.ts'
import { tables } from './table-registry.ts'
import type { TableName } from './table.ts'

/** Rows of one writer and table, of all runs. */
export interface SpoolAccount {
  readonly writer: string
  readonly table: TableName
  /** Acknowledged ever, by the writer's own count. */
  readonly accepted: number
  readonly handedOver: number
  readonly waiting: number
  /** In segments that are damaged, by their commit logs. */
  readonly quarantined: number
  /** Accepted rows of which nothing is left; below 0 = more are there than were accepted. */
  readonly missing: number
}

/** What is needed of the hand-over log, open or read. */
export type HandOverView = Pick<HandOverLog, 'sums' | 'recent' | 'has'>

/** A log that was only read, as the open one looks. */
export function viewOf({ sums, handOvers }: HandOverRecord): HandOverView {
  const names = new Set(handOvers.map(({ segment }) => segment))
  return { sums: () => sums, recent: () => handOvers, has: (segment) => names.has(segment) }
}

/**
 * Accounts by writer and table. True while nothing is handed over meanwhile; writers may go on writing.
 * @param directories of the spools
 */
export async function spoolAccounts(
  directories: readonly string[],
  handOvers: HandOverView,
): Promise<readonly SpoolAccount[]> {
  const all = (await Promise.all(directories.map(readPending))).flat()
  const ranges = countRanges(all, handOvers.recent())
  const pending = all
    .filter(({ name }) => !handOvers.has(name))
    .map((segment) => withCounted(segment, ranges))
  const names = new Set([
    ...handOvers.sums().writers.keys(),
    ...pending.map(({ writer, table }) => accountName(writer, table)),
  ])
  return [...names]
    .toSorted()
    .flatMap((name) => accountOf(name, pending, handOvers.sums().writers.get(name)))
}

function accountOf(
  name: string,
  pending: readonly PendingSegment[],
  handed: { readonly rows: number; readonly total: number } = { rows: 0, total: 0 },
): readonly SpoolAccount[] {
  const mine = pending.filter(({ writer, table }) => accountName(writer, table) === name)
  const [writer, table] = name.split(' ')
  if (writer === undefined || !isTable(table)) return []
  const accepted = mine
    .flatMap(({ commits }) => commits ?? [])
    .reduce((most, { total }) => Math.max(most, total ?? 0), handed.total)
  const there = mine.filter(({ hasRows }) => hasRows)
  const waiting = rowsIn(there.filter(({ isQuarantined }) => !isQuarantined))
  const quarantined = rowsIn(there.filter(({ isQuarantined }) => isQuarantined))
  const missing = accepted - handed.rows - waiting - quarantined
  return [{ writer, table, accepted, handedOver: handed.rows, waiting, quarantined, missing }]
}

/** Rows that their writer counted; programs of before did not. */
function rowsIn(segments: readonly PendingSegment[]): number {
  return segments
    .flatMap(({ commits }) => commits ?? [])
    .reduce((sum, { rows, total }) => sum + (total === null ? 0 : rows), 0)
}

function isTable(table: string | undefined): table is TableName {
  return table !== undefined && Object.hasOwn(tables, table)
}
