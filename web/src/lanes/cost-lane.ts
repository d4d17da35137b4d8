import { hasReading } from '../columns.ts'
import { idleColumn } from '../figures.ts'
import { usd } from '../format.ts'
import { scaleOf } from '../scale.ts'
import {
  at,
  inWords,
  middlesOf,
  valuesOf,
  type Lane,
  type LaneInput,
  type ReadoutRow,
} from './lane.ts'

/** Cost per hour of each model, with what the whole fleet spends on idle GPUs shaded. */
export function costLane({ board, drawn }: LaneInput): Lane {
  const idle = idleColumn(board)
  const lines = drawn.map(({ model, colour }) => ({
    colour,
    stroke: 'main' as const,
    values: model.cost.usdPerHour,
  }))
  const columns = lines.map((line) => line.values)
  const models = drawn.map(({ model, colour }): ReadoutRow => ({
    name: model.model,
    swatch: colour,
    cells: (i) => [usd(at(model.cost.usdPerHour, i)), usd(at(model.cost.idleUsdPerHour, i))],
  }))
  const { idleUsdPerHour, sharedUsdPerHour } = board.fleet
  const rows: ReadoutRow[] = [
    ...models,
    {
      name: 'unreserved',
      swatch: null,
      cells: (i) => [usd(at(idleUsdPerHour, i)), usd(at(idleUsdPerHour, i))],
    },
    { name: 'shared', swatch: null, cells: (i) => [usd(at(sharedUsdPerHour, i)), ''] },
    {
      name: 'whole fleet',
      swatch: 'idle',
      cells: (i) => [usd(at(board.fleet.usdPerHour, i)), usd(at(idle, i))],
    },
  ]
  const drawnAny = [...columns, idle].some(hasReading)
  return {
    id: 'cost',
    title: 'Cost',
    unit: '$ per hour; idle of the whole fleet hatched',
    timesMs: middlesOf(board),
    startsMs: board.timesMs,
    stepMs: board.stepMs,
    lines,
    fills: [{ kind: 'idle', lower: null, upper: idle }],
    bands: [],
    threshold: null,
    scale: scaleOf(valuesOf([...columns, idle]), { floor: 0 }),
    tick: (value) => `$${value < 10 && !Number.isInteger(value) ? value.toFixed(1) : value}`,
    readout: {
      columns: ['$/h', 'idle'],
      rows: rows.filter((row) => row.name !== 'shared' || hasReading(sharedUsdPerHour)),
    },
    summary: `Cost per hour. ${drawn.map(({ model }) => `${model.model} ${inWords(model.cost.usdPerHour, usd)}`).join('; ')}; idle in the whole fleet ${inWords(idle, usd)}.`,
    missing: drawnAny ? null : 'No cost in this window: no node has a price yet.',
  }
}
