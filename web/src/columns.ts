// Arithmetic on columns, where `null` means no reading.
import type { Column } from '../../src/api/contract.ts'

/** Step by step sum of what was read; `null` where nothing was. */
export function sumColumns(columns: readonly Column[], length: number): Column {
  return Array.from({ length }, (_, i) => {
    let sum: number | null = null
    for (const column of columns) {
      const value = column[i] ?? null
      if (value !== null) sum = (sum ?? 0) + value
    }
    return sum
  })
}

/** Step by step quotient; `null` where either is missing or the divisor is zero. */
export function divideColumns(dividend: Column, divisor: Column): Column {
  return dividend.map((value, i) => {
    const by = divisor[i] ?? null
    return value === null || by === null || by === 0 ? null : value / by
  })
}

/** Largest reading step by step. */
export function maxColumns(columns: readonly Column[], length: number): Column {
  return Array.from({ length }, (_, i) => {
    const read = columns.map((column) => column[i] ?? null).filter((value) => value !== null)
    return read.length === 0 ? null : Math.max(...read)
  })
}

/** Smallest reading step by step. */
export function minColumns(columns: readonly Column[], length: number): Column {
  return maxColumns(
    columns.map((column) => column.map((value) => (value === null ? null : -value))),
    length,
  ).map((value) => (value === null ? null : -value))
}

/** Readings older than this many steps do not speak for now. */
export const freshSteps = 6

/** Newest reading among the last `steps` steps; older ones do not speak for now. */
export function latest(column: Column, steps = column.length): number | null {
  const oldest = Math.max(0, column.length - steps)
  for (let i = column.length - 1; i >= oldest; i--) {
    const value = column[i] ?? null
    if (value !== null) return value
  }
  return null
}

/** Whether anything was read. */
export function hasReading(column: Column): boolean {
  return column.some((value) => value !== null)
}

/** First and last index of each stretch without a gap. */
export function runs(column: Column): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  let first = -1
  for (let i = 0; i <= column.length; i++) {
    const read = (column[i] ?? null) !== null
    if (read && first < 0) first = i
    if (read || first < 0) continue
    found.push([first, i - 1])
    first = -1
  }
  return found
}

/** Readings with a gap on both sides, which a line leaves out. */
export function lonePoints(column: Column): readonly number[] {
  return runs(column).flatMap(([first, last]) => (first === last ? [first] : []))
}
