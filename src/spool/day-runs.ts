// How many rows lie on which days (UTC): what the store must hold of them can be counted again there.

/** Rows from one day to another, both included, in days since 1970. */
export interface DayRun {
  readonly from: number
  readonly to: number
  readonly rows: number
}

export const dayMs = 86_400_000

/** The day of a time. @param timeMs epoch milliseconds */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs)
}

/** Runs in order of days, those that overlap as one. */
export function mergeRuns(runs: readonly DayRun[]): readonly DayRun[] {
  const merged: DayRun[] = []
  for (const run of runs.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last === undefined || run.from > last.to) merged.push(run)
    else {
      merged[merged.length - 1] = {
        from: last.from,
        to: Math.max(last.to, run.to),
        rows: last.rows + run.rows,
      }
    }
  }
  return merged
}
