// A column holds one value a step; `null` stays null through everything done to it.
import type { Column } from '../contract.ts'

/** A column of `length` steps by `valueAt(step)`. */
export function columnOf(length: number, valueAt: (step: number) => number | null): Column {
  return Array.from({ length }, (_, step) => finite(valueAt(step)))
}

/** Step by step, what `combine` makes of the values that are there; `null` where none is. */
export function combineColumns(
  columns: readonly Column[],
  length: number,
  combine: (values: readonly number[]) => number,
): Column {
  return columnOf(length, (step) => {
    const values = columns.map((column) => column[step] ?? null).filter((value) => value !== null)
    return values.length === 0 ? null : combine(values)
  })
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

export function maximum(values: readonly number[]): number {
  return Math.max(...values)
}

/** The values of a column that are there. */
export function present(column: Column): readonly number[] {
  return column.filter((value) => value !== null)
}

/** `combine` over the values that are there; `null` when none is. */
export function overall(
  column: Column,
  combine: (values: readonly number[]) => number,
): number | null {
  const values = present(column)
  return values.length === 0 ? null : combine(values)
}

/** A number that JSON can carry, or `null`. */
export function finite(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null
}

/** Items by key, keys in the order in which they first come. */
export function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
