// Sources that report what was added since their last report: kept here as totals, which is what the store holds.

/** Totals by series. They start again with the process, as a restarted counter does, and readers know that. */
export interface RunningTotals {
  /** Changes that count only once they are kept. */
  begin(): TotalsDraft
}

export interface TotalsDraft {
  /** The total with this addition; `isNew` = the series was not known, so it stood at zero before. */
  add(key: string, value: number): { readonly total: number; readonly isNew: boolean }
  keep(): void
}

/** @param mostSeries beyond which the ones longest without an addition start again from zero */
export function createRunningTotals(mostSeries: number): RunningTotals {
  const totals = new Map<string, number>()
  return {
    begin() {
      const changed = new Map<string, number>()
      return {
        add(key, value) {
          const before = changed.get(key) ?? totals.get(key)
          const sum = (before ?? 0) + value
          // Past the largest number it starts again, or the series would never have a value any more.
          const total = Number.isFinite(sum) ? sum : value
          changed.set(key, total)
          return { total, isNew: before === undefined }
        },
        keep() {
          for (const [key, total] of changed) {
            totals.delete(key)
            totals.set(key, total)
          }
          for (const key of totals.keys()) {
            if (totals.size <= mostSeries) break
            totals.delete(key)
          }
        },
      }
    },
  }
}
