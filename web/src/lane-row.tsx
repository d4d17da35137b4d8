import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { LaneChart } from './lane-chart.tsx'
import { LaneReadout } from './lane-readout.tsx'
import { LaneTable } from './lane-table.tsx'
import type { Lane, LaneId } from './lanes/lane.ts'

const heights: Readonly<Record<LaneId, number>> = {
  cost: 96,
  capacity: 66,
  serving: 92,
  quality: 100,
  safety: 84,
  evaluation: 80,
}

// Rows of a read-out are this high in CSS pixels; the chart is never lower than they are together.
const readoutRow = 17

/** One lane: what it is, its chart, its values. */
export function LaneRow({
  lane,
  control,
  children,
}: {
  readonly lane: Lane
  /** What can be chosen for this lane. */
  readonly control?: ComponentChildren
  /** What is drawn below the chart on the same axis, with its read-out. */
  readonly children?: ComponentChildren
}): JSX.Element {
  const open = useSignal(false)
  const height = Math.max(heights[lane.id], (lane.readout.rows.length + 1) * readoutRow + 12)
  return (
    <section class="lane" id={`lane-${lane.id}`} tabIndex={-1} aria-labelledby={`name-${lane.id}`}>
      <div class="lane-label">
        <h3 id={`name-${lane.id}`}>{lane.title}</h3>
        <button
          type="button"
          class="as-table"
          aria-expanded={open.value}
          aria-label={`View ${lane.title.toLowerCase()} as table`}
          title="View as table"
          onClick={() => (open.value = !open.value)}
        >
          table
        </button>
        {control}
        <p>{lane.unit}</p>
      </div>
      <LaneChart lane={lane} height={height} />
      <LaneReadout lane={lane} />
      {children}
      {open.value && <LaneTable lane={lane} />}
    </section>
  )
}
