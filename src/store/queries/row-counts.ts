// What the store holds, counted anew: the other side of what the spool says it has handed over.
import type { DayRun } from '../../spool/day-runs.ts'
import type { Store } from '../store.ts'

/** Tables that keep every row until it expires, by the time that it expires by. In the others a later row replaces an earlier one. */
export const countedTables: Readonly<Record<string, string>> = {
  samples: 'time',
  calls: 'started_at',
  scores: 'call_started_at',
  alerts: 'changed_at',
}

/** Rows of each counted table by day (UTC). @param fromDay days since 1970 before which nothing is asked */
export async function rowsByDay(
  store: Store,
  fromDay = 0,
): Promise<ReadonlyMap<string, readonly DayRun[]>> {
  const days = new Map<string, readonly DayRun[]>()
  for (const [table, column] of Object.entries(countedTables)) {
    const rows = await store.query<{ day: number; rows: number }>(
      `SELECT toInt64(floor(toUnixTimestamp64Milli(${column}) / 86400000)) AS day, count() AS rows
       FROM ${table} WHERE ${column} >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') GROUP BY day ORDER BY day`,
      { fromMs: fromDay * 86_400_000 },
    )
    days.set(
      table,
      rows.map((row) => ({ from: row.day, to: row.day, rows: row.rows })),
    )
  }
  return days
}
