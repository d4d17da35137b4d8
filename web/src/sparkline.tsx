import type { JSX } from 'preact'
import type { Column } from '../../src/api/contract.ts'
import { runs } from './columns.ts'

const width = 120
const height = 22

/** The path of a column in a box of 120 by 22; gaps stay gaps. */
export function sparkPath(column: Column): { readonly path: string; readonly end: string } {
  const read = column.filter((value) => value !== null)
  const [low, high] = [Math.min(...read), Math.max(...read)]
  // A flat line lies in the middle: noise below one percent is not blown up.
  const span = Math.max(high - low, Math.abs(high) * 0.01, 1e-12)
  const middle = (low + high) / 2
  const x = (i: number) => (2 + (i / Math.max(column.length - 1, 1)) * (width - 4)).toFixed(1)
  const y = (value: number) => (height / 2 - ((value - middle) / span) * (height - 6)).toFixed(1)
  const point = (i: number) => `${x(i)} ${y(column[i] ?? middle)}`
  const parts = runs(column).map(([first, last]) => {
    const indexes = Array.from({ length: last - first + 1 }, (_, k) => first + k)
    return `M${indexes.map(point).join('L')}`
  })
  const last = runs(column).at(-1)?.[1]
  return { path: parts.join(''), end: last === undefined ? '' : `M${point(last)}h0` }
}

/** A small curve without axes: shape only. */
export function Sparkline({ column }: { readonly column: Column }): JSX.Element {
  const { path, end } = sparkPath(column)
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} class="curve" />
      <path d={end} class="end" />
    </svg>
  )
}
