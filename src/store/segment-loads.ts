// Segments into the embedded engine: it reads the file itself, so rows never become JavaScript objects.
import type { Segment } from '../spool/segment.ts'
import { columnList, insertSettings, oneBlock } from './engine.ts'
import { openLoadJournal } from './load-journal.ts'
import { assignments, literal } from './parameters.ts'
import type { TableSession } from './table-blocks.ts'

export interface SegmentLoads {
  /** Inserts what the store does not have yet of the segment. */
  load(segment: Segment): Promise<void>
  close(): Promise<void>
}

/** Loads over one session. @param journalPath where it is noted what is being loaded */
export async function openSegmentLoads(
  journalPath: string,
  session: TableSession,
): Promise<SegmentLoads> {
  const journal = await openLoadJournal(journalPath, session)
  const partitionKeys = new Map<string, string>()
  return {
    async load(segment) {
      const key = partitionKeys.get(segment.table) ?? (await partitionKey(segment, session))
      partitionKeys.set(segment.table, key)
      const partitions = await partitionsOf(segment, key, session)
      for (const partition of partitions) {
        const filter = partitions.length === 1 ? '' : ` WHERE ${key} = ${partition}`
        const piece = { segment: segment.name, path: segment.path, table: segment.table, partition }
        await journal.insertOnce(piece, insertStatement(segment) + filter)
      }
    },
    close: () => journal.close(),
  }
}

async function partitionKey(segment: Segment, session: TableSession): Promise<string> {
  const { rows } = await session.select(
    `SELECT partition_key FROM system.tables WHERE database = currentDatabase() AND name = ${literal(segment.table)}`,
  )
  const [row] = rows
  return String(row?.[0])
}

/** Months that the segment has rows of: an insert into one partition is one part a table, there or not there. */
async function partitionsOf(
  segment: Segment,
  key: string,
  session: TableSession,
): Promise<readonly string[]> {
  if (key === '') return ['']
  const months = monthsOf(segment)
  if (months !== null && months.first === months.last) return [months.first]
  const { rows } = await session.select(
    `SELECT DISTINCT ${key} AS partition FROM ${sourceOf(segment)} ORDER BY partition`,
  )
  return rows.map(([partition]) => String(Number(partition)))
}

/** Fast path: most segments lie in one month, and the spool noted their times. */
function monthsOf(segment: Segment): { readonly first: string; readonly last: string } | null {
  if (segment.times === null) return null
  return { first: monthOf(segment.times.fromMs), last: monthOf(segment.times.toMs) }
}

/** As `toYYYYMM` says it. */
function monthOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 7).replace('-', '')
}

function insertStatement(segment: Segment): string {
  const settings = {
    ...insertSettings(segment),
    // Fails loudly instead of inserting twice, should the engine ever think that it cannot deduplicate.
    deduplicate_insert_select: 'force_enable',
    // One reader and one block: the token then covers the whole segment.
    max_block_size: oneBlock,
    max_threads: 1,
    max_insert_threads: 1,
    input_format_parallel_parsing: 0,
  }
  return `INSERT INTO ${segment.table} (${columnList(segment)}) SETTINGS ${assignments(settings)} SELECT * FROM ${sourceOf(segment)}`
}

function sourceOf(segment: Segment): string {
  return `file(${literal(segment.path)}, 'RowBinary', ${literal(segment.structure)})`
}
