// What the ledger says, as rates on the board's steps. Every rate of a step is taken over the same minutes,
// so models + idle + shared add up to the fleet's own column.
import type { BoardBill, BoardLedger } from '../../store/queries/board-ledger.ts'
import type { Column } from '../contract.ts'
import { columnOf, groupBy, sum } from './columns.ts'
import type { Grid } from './grid.ts'

export interface BillColumns {
  readonly usdPerHour: Column
  readonly idleUsdPerHour: Column
  readonly sharedUsdPerHour: Column
  readonly models: ReadonlyMap<string, ModelBill>
}

export interface ModelBill {
  readonly usdPerHour: Column
  /** Part of it on reserved GPUs that did no work; `null` where their use is not known. */
  readonly idleUsdPerHour: Column
}

/** US dollars per hour by owner and model; `null` where the ledger has no line. */
export function billColumns(bill: BoardBill, grid: Grid): BillColumns {
  const minutesAt = (step: number) => bill.minutes.get(bucketOf(bill, grid, step)) ?? 0
  const column = (lines: readonly BoardLedger[], costOf: CostOf, missing: number | null) => {
    const byBucket = groupBy(lines, (line) => line.bucket)
    return columnOf(grid.length, (step) => {
      const minutes = minutesAt(step)
      if (minutes === 0) return null
      const costs = (byBucket.get(bucketOf(bill, grid, step)) ?? []).map(costOf)
      const known = costs.filter((cost) => cost !== null)
      return known.length === 0 ? missing : (sum(known) * 60) / minutes
    })
  }
  const ofOwner = (owner: string) => bill.lines.filter((line) => line.owner === owner)
  const models = groupBy(ofOwner('model'), (line) => line.model)
  return {
    usdPerHour: column(bill.lines, cost, null),
    // The ledger holds the minute and charges nothing to nobody: that is zero, not unknown.
    idleUsdPerHour: column(ofOwner('idle'), cost, 0),
    sharedUsdPerHour: column(ofOwner('shared'), cost, 0),
    models: new Map(
      [...models].map(([model, lines]) => [
        model,
        { usdPerHour: column(lines, cost, null), idleUsdPerHour: column(lines, idleCost, null) },
      ]),
    ),
  }
}

/** US dollars of a column of US dollars per hour; `null` when no step is known. */
export function costOfRates(rates: Column, grid: Grid): number | null {
  const known = rates.filter((rate) => rate !== null)
  return known.length === 0 ? null : sum(known) * grid.stepHours
}

type CostOf = (line: BoardLedger) => number | null

const cost: CostOf = (line) => line.costUsd

/** Minutes of unknown use are taken to be like the known ones of the same bucket. */
const idleCost: CostOf = (line) =>
  line.idleCostUsd === null || line.idleMinutes === 0
    ? null
    : (line.idleCostUsd / line.idleMinutes) * line.minutes

function bucketOf(bill: BoardBill, grid: Grid, step: number): number {
  return Math.floor((grid.fromMs + step * grid.stepMs - bill.firstBucketMs) / bill.bucketMs)
}
