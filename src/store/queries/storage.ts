import type { Store } from '../store.ts'

export interface TableStorage {
  readonly table: string
  readonly rows: number
  /** Compressed, with indexes. */
  readonly bytes: number
  readonly parts: number
}

/** Rows and bytes of each table that holds any, largest first. */
export async function storageByTable(store: Store): Promise<readonly TableStorage[]> {
  return store.query<TableStorage>(`
    SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts
    FROM system.parts WHERE active AND database = currentDatabase()
    GROUP BY table ORDER BY bytes DESC, table`)
}

export interface TableFreshness {
  readonly table: string
  readonly rows: number
  /** Time of the newest row (epoch ms); `null` = the table is empty. */
  readonly newestMs: number | null
}

/** Exact row count and newest time of each raw table: what is missing or late shows here first. */
export async function freshnessByTable(store: Store): Promise<readonly TableFreshness[]> {
  return store.query<TableFreshness>(
    Object.entries(timeColumns)
      .map(
        ([table, column]) => `
          SELECT '${table}' AS table, count() AS rows,
            if(count() = 0, NULL, toUnixTimestamp64Milli(max(${column}))) AS newestMs FROM ${table}`,
      )
      .join(' UNION ALL ')
      .concat(' ORDER BY table'),
  )
}

const timeColumns = {
  samples: 'time',
  calls: 'started_at',
  scores: 'scored_at',
  labels: 'labelled_at',
  events: 'time',
  findings: 'found_at',
  ledger: 'minute',
  alerts: 'changed_at',
}
