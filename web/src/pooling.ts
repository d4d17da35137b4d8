// Quality is sampled: a short step holds few answers. Steps are pooled until a point means something.
import type { Interval, IntervalColumns } from '../../src/api/contract.ts'

/** Fewer answers than this are drawn hollow. */
export const fewAnswers = 30

export interface PooledTimes {
  /** Start of each group of steps. */
  readonly startsMs: readonly number[]
  /** Middle of each group: where its point is drawn. */
  readonly middlesMs: readonly number[]
  readonly groupMs: number
  /** Group of each step. */
  readonly groupOf: readonly number[]
}

const minutes = [1 / 6, 0.25, 0.5, 1, 2, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440]
const roundLengthsMs = minutes.map((length) => length * 60_000)
const leastGroups = 5

/**
 * Groups of steps, aligned to the clock so that a moving window does not shuffle them: the shortest
 * that gives the poorest series `fewAnswers` answers in its median group, with 5 groups left at least.
 */
export function poolTimes(
  timesMs: readonly number[],
  stepMs: number,
  counts: readonly (readonly number[])[],
): PooledTimes {
  const longestMs = (timesMs.length * stepMs) / leastGroups
  const lengthsMs = roundLengthsMs.filter(
    (length) => length > stepMs && length % stepMs === 0 && length <= longestMs,
  )
  let pooled = groupTimes(timesMs, stepMs, stepMs)
  for (const lengthMs of lengthsMs) {
    const groups = pooled
    if (counts.every((n) => medianGroup(n, groups) >= fewAnswers)) break
    pooled = groupTimes(timesMs, stepMs, lengthMs)
  }
  return pooled
}

function groupTimes(timesMs: readonly number[], stepMs: number, groupMs: number): PooledTimes {
  const ids = timesMs.map((time) => Math.floor(time / groupMs))
  const [first, last] = [ids[0], ids.at(-1)]
  const half = groupMs / stepMs / 2
  const size = (id: number | undefined) => ids.filter((other) => other === id).length
  // A scrap at either end joins its neighbour: alone it would be all noise.
  const joined = (id: number) => {
    if (first === undefined || last === undefined || last - first < 2) return id
    if (id === first && size(first) < half) return first + 1
    return id === last && size(last) < half ? last - 1 : id
  }
  const startsMs: number[] = []
  const endsMs: number[] = []
  let current = NaN
  const groupOf = timesMs.map((time, i) => {
    const id = joined(ids[i] ?? 0)
    if (id !== current) startsMs.push(time)
    current = id
    endsMs[startsMs.length - 1] = time + stepMs
    return startsMs.length - 1
  })
  const middlesMs = startsMs.map((start, i) => (start + (endsMs[i] ?? start)) / 2)
  return { startsMs, middlesMs, groupMs, groupOf }
}

function medianGroup(n: readonly number[], { startsMs, groupOf }: PooledTimes): number {
  const sums = startsMs.map(() => 0)
  for (const [i, group] of groupOf.entries()) sums[group] = (sums[group] ?? 0) + (n[i] ?? 0)
  const full = sums.filter((sum) => sum > 0).toSorted((a, b) => a - b)
  return full[Math.floor(full.length / 2)] ?? Infinity
}

/**
 * Pools estimates over groups of steps: the mean weighted by n. Where steps were joined, Wilson's
 * interval of the pooled mean: for scores between 0 and 1 no distribution of the same mean has a
 * wider one. Joining the steps' own intervals would keep the skew of their small n.
 */
export function poolIntervals(
  columns: IntervalColumns,
  times: PooledTimes,
  stepMs: number,
): IntervalColumns {
  if (times.groupMs === stepMs) return columns
  const sums = times.startsMs.map(() => ({ n: 0, value: 0 }))
  for (const [i, group] of times.groupOf.entries()) {
    const value = columns.value[i] ?? null
    const n = columns.n[i] ?? 0
    const sum = sums[group]
    if (sum === undefined || value === null || n <= 0) continue
    sum.n += n
    sum.value += n * value
  }
  const pooled = sums.map(({ n, value }) => (n === 0 ? null : wilson(value / n, n)))
  return {
    value: pooled.map((interval) => interval?.value ?? null),
    lower: pooled.map((interval) => interval?.lower ?? null),
    upper: pooled.map((interval) => interval?.upper ?? null),
    n: sums.map((sum) => sum.n),
  }
}

function wilson(mean: number, n: number): Interval {
  // Sums of floats may leave the unit interval by a hair.
  const value = Math.min(1, Math.max(0, mean))
  const z = 1.96
  const shrink = 1 + (z * z) / n
  const middle = (value + (z * z) / (2 * n)) / shrink
  const half = (z / shrink) * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n))
  const lower = Math.max(0, Math.min(value, middle - half))
  return { value, lower, upper: Math.min(1, Math.max(value, middle + half)), n }
}
