import type { Store } from '../store.ts'

/** Last minute (epoch ms) that the ledger of a project holds; `null` when it is empty. */
export async function lastLedgerMinute(store: Store, project: string): Promise<number | null> {
  const [row] = await store.query<{ rows: number; last: number }>(
    `SELECT count() AS rows, toUnixTimestamp64Milli(max(minute)) AS last
     FROM ledger WHERE project = {project:String}`,
    { project },
  )
  return row === undefined || row.rows === 0 ? null : row.last
}
