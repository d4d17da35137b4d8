// Bounds of Student's interval take a while to compute, and from one tick to the next all steps of a board
// but the newest have the same sums: they are computed once.
import { hajekFromSums, type HajekSums } from '../../stats/hajek.ts'
import type { Interval } from '../contract.ts'

/** Some boards' worth: 600 steps of 8 models with 10 dimensions. */
const mostIntervals = 50_000

const known = new Map<string, Interval | null>()

/** Hájek's mean with its interval from sums; `n` is what the interval shall say of itself. */
export function rememberedInterval(sums: HajekSums, n: number): Interval | null {
  const key = `${n},${Object.values(sums).join()}`
  const before = known.get(key)
  if (before !== undefined) return before
  const estimate = hajekFromSums(sums)
  const interval =
    estimate === null
      ? null
      : { value: estimate.value, lower: estimate.lower, upper: estimate.upper, n }
  // Emptied at once when full: what is still on screen comes back with the next board.
  if (known.size >= mostIntervals) known.clear()
  known.set(key, interval)
  return interval
}
