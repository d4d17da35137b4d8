// What an engine offers to the code above it; embedded and remote differ in nothing else.
import type { Readable } from 'node:stream'
import type { Segment } from '../spool/segment.ts'
import type { ExportFormat } from './export-table.ts'
import type { QueryParameters } from './store.ts'

export interface ResultColumn {
  readonly name: string
  /** As the engine names it, e.g. `Nullable(Float64)`. */
  readonly type: string
}

/** A result as columns and rows of values, before it becomes objects. */
export interface ResultTable {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly unknown[])[]
}

export interface Engine {
  /** For logs, e.g. `embedded ClickHouse 26.7 in ./equipoise-data/store`. */
  readonly description: string
  select(sql: string, parameters: QueryParameters): Promise<ResultTable>
  command(sql: string, parameters: QueryParameters): Promise<void>
  insert(segment: Segment): Promise<void>
  /** Runs under read-only limits that the statement itself cannot lift. */
  selectReadOnly(sql: string): Promise<ResultTable>
  /** The rows of a SELECT as the bytes of a file. */
  exportRows(sql: string, parameters: QueryParameters, format: ExportFormat): Promise<Readable>
  close(): Promise<void>
}

/** Settings of each session. */
export const sessionSettings = {
  // Times without a zone mean UTC on every machine.
  session_timezone: 'UTC',
  // Quoted, so that `result-rows.ts` can tell which fit in a double.
  output_format_json_quote_64bit_integers: 1,
  // A parameter that lists the ids of a body full of rows is text of a statement too; 256 KiB would be full of 6,000.
  max_query_size: '33554432',
} as const

/** Limits of ad hoc queries. `readonly = 1` also freezes every setting, so it comes last. */
export const readOnlySettings = {
  ...sessionSettings,
  max_execution_time: 30,
  timeout_before_checking_execution_speed: 0,
  max_memory_usage: '2000000000',
  max_result_rows: '10001',
  result_overflow_mode: 'break',
  readonly: '1',
} as const

/** Rows that an ad hoc query returns at most; the engine's own bound is one more and counts whole blocks. */
export const maxReadOnlyRows = 10_000

/** Why an insert of a segment happens once: the token names it, and one block makes it all or nothing. */
export function insertSettings(segment: Segment): {
  readonly insert_deduplicate: 1
  readonly insert_deduplication_token: string
  readonly deduplicate_blocks_in_dependent_materialized_views: 1
  readonly async_insert: 0
  readonly max_insert_block_size: string
  readonly min_insert_block_size_rows: string
  readonly min_insert_block_size_bytes: string
  readonly group_by_two_level_threshold: string
  readonly group_by_two_level_threshold_bytes: string
  readonly optimize_on_insert: 0 | 1
} {
  return {
    insert_deduplicate: 1,
    insert_deduplication_token: segment.name,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    async_insert: 0,
    max_insert_block_size: oneBlock,
    min_insert_block_size_rows: oneBlock,
    min_insert_block_size_bytes: '0',
    // One thread groups for a rollup: splitting its table in 256 for others to merge took longer than the rest.
    group_by_two_level_threshold: '0',
    group_by_two_level_threshold_bytes: '0',
    // Nothing in a block of samples collapses: a rollup's rows are grouped already, and to look again is dear.
    optimize_on_insert: segment.table === 'samples' ? 0 : 1,
  }
}

/** Far above the rows of any segment. */
export const oneBlock = '100000000'

/** Column list of a segment's insert, from its structure. */
export function columnList(segment: Segment): string {
  return [...segment.structure.matchAll(/`(\w+)` /g)].map(([, name]) => `\`${name}\``).join(', ')
}
