import type { LedgerOwner } from '../../records/ledger-entry.ts'
import type { Store } from '../store.ts'
import { type BoardWindow, windowParameters } from './board-window.ts'

/** What one owner was charged in one bucket of whole minutes. */
export interface BoardLedger {
  readonly owner: LedgerOwner
  readonly model: string
  readonly bucket: number
  readonly costUsd: number
  /** Sum over the minutes whose use is known; `null` when it is known of none. */
  readonly idleCostUsd: number | null
  /** Minutes whose use is known. */
  readonly idleMinutes: number
  /** Minutes with a line of this owner. */
  readonly minutes: number
}

/** The bill in buckets: a step, or a minute where steps are shorter. */
export interface BoardBill {
  readonly bucketMs: number
  /** Start of bucket 0, epoch milliseconds. */
  readonly firstBucketMs: number
  readonly lines: readonly BoardLedger[]
  /** How many minutes of each bucket the ledger holds. */
  readonly minutes: ReadonlyMap<number, number>
}

const minuteMs = 60_000

/** The ledger of a window; minutes written twice count once. All models, since the bill is one. */
export async function boardBill(store: Store, window: BoardWindow): Promise<BoardBill> {
  const bucketMs = Math.max(window.stepMs, minuteMs)
  const firstBucketMs = Math.floor(window.fromMs / minuteMs) * minuteMs
  const parameters = { ...windowParameters(window), from: firstBucketMs, step: bucketMs }
  const [lines, minutes] = await Promise.all([
    store.query<BoardLedger>(
      `SELECT owner, model, ${bucket} AS bucket, sum(cost) AS costUsd,
        sum(idle) AS idleCostUsd, toUInt32(count(idle)) AS idleMinutes, toUInt32(count()) AS minutes
      FROM (
        SELECT minute, owner, model, sum(cost_usd) AS cost,
          if(countIf(isNull(idle_cost_usd)) = 0, sum(idle_cost_usd), NULL) AS idle
        FROM ledger FINAL WHERE ${inWindow} GROUP BY minute, owner, model)
      GROUP BY owner, model, bucket ORDER BY bucket`,
      parameters,
    ),
    store.query<{ readonly bucket: number; readonly minutes: number }>(
      `SELECT ${bucket} AS bucket, toUInt32(uniqExact(minute)) AS minutes
      FROM ledger WHERE ${inWindow} GROUP BY bucket`,
      parameters,
    ),
  ])
  return {
    bucketMs,
    firstBucketMs,
    lines,
    minutes: new Map(minutes.map((row) => [row.bucket, row.minutes])),
  }
}

const bucket = `toUInt32(intDiv(toUnixTimestamp64Milli(minute) - {from:Int64}, {step:Int64}))`

const inWindow = `project = {project:String}
  AND minute >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  AND minute < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`
