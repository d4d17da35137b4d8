import { hasReading, sumColumns } from '../columns.ts'
import { count } from '../format.ts'
import { scaleOf } from '../scale.ts'
import { at, inWords, middlesOf, valuesOf, type Lane, type LaneInput } from './lane.ts'

/** GPUs of the fleet stacked: active, reserved without work, reserved by nobody. */
export function capacityLane({ board }: LaneInput): Lane {
  const { gpusActive, gpusIdle, gpusUnreserved, gpusTotal } = board.fleet
  const length = board.timesMs.length
  const reserved = sumColumns([gpusActive, gpusIdle], length)
  const all = sumColumns([reserved, gpusUnreserved], length)
  const rows = [
    { name: 'active', swatch: 'active', column: gpusActive },
    { name: 'idle, reserved', swatch: 'idle', column: gpusIdle },
    { name: 'unreserved', swatch: 'unreserved', column: gpusUnreserved },
  ] as const
  return {
    id: 'capacity',
    title: 'Capacity',
    unit: 'GPUs of the whole fleet; duty of each below',
    timesMs: middlesOf(board),
    startsMs: board.timesMs,
    stepMs: board.stepMs,
    lines: [],
    fills: [
      { kind: 'active', lower: null, upper: gpusActive },
      { kind: 'idle', lower: gpusActive, upper: reserved },
      { kind: 'unreserved', lower: reserved, upper: all },
    ],
    bands: [],
    threshold: null,
    scale: wholeTicks(scaleOf(valuesOf([all, gpusTotal]), { floor: 0 })),
    tick: count,
    readout: {
      columns: ['GPUs'],
      rows: rows.map(({ name, swatch, column }) => ({
        name,
        swatch,
        cells: (i) => [count(at(column, i))],
      })),
    },
    summary: `GPUs of the fleet. ${rows.map(({ name, column }) => `${name} ${inWords(column, count)}`).join('; ')}.`,
    missing: hasReading(all) ? null : 'No GPU readings in this window.',
  }
}

// Half a GPU is no tick.
function wholeTicks<S extends { readonly ticks: readonly number[] }>(scale: S): S {
  return { ...scale, ticks: scale.ticks.filter((tick) => Number.isInteger(tick)) }
}
