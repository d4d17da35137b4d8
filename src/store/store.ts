// The one door to ClickHouse, embedded or remote. Queries are SQL with typed parameters: `{from:DateTime64(3)}`.
import type { Segment } from '../spool/segment.ts'

export type QueryParameters = Readonly<
  Record<string, string | number | boolean | readonly string[] | readonly number[]>
>

export interface Store {
  /** Rows of a SELECT, one object a row. 64-bit integers arrive as numbers where they fit in 2^53. */
  query<Row>(sql: string, parameters?: QueryParameters): Promise<readonly Row[]>
  /** A statement without rows (migrations, TTL changes). */
  command(sql: string, parameters?: QueryParameters): Promise<void>
  /** Loads a sealed segment under its own deduplication token: a second load of it adds nothing. */
  load(segment: Segment): Promise<void>
  close(): Promise<void>
}
