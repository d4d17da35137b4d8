import { hasReading, sumColumns } from '../columns.ts'
import { perSecond, seconds } from '../format.ts'
import { scaleOf } from '../scale.ts'
import { at, inWords, middlesOf, valuesOf, type Lane, type LaneInput } from './lane.ts'

/** Time to first token of each model over the traffic of all drawn models. */
export function servingLane({ board, drawn }: LaneInput): Lane {
  const calls = drawn.map(({ model }) => model.traffic.callsPerSecond)
  const traffic = sumColumns(calls, board.timesMs.length)
  const peak = Math.max(0, ...traffic.map((value) => value ?? 0))
  const lines = drawn.flatMap(({ model, colour }) => [
    { colour, stroke: 'light' as const, values: model.latency.ttftP50 },
    { colour, stroke: 'main' as const, values: model.latency.ttftP95 },
  ])
  const columns = lines.map((line) => line.values)
  return {
    id: 'serving',
    title: 'Serving',
    unit: 'first token p95, p50 light; calls grey',
    timesMs: middlesOf(board),
    startsMs: board.timesMs,
    stepMs: board.stepMs,
    lines,
    // The traffic fills the lower half: it is context, its values are in the read-out.
    fills: [{ kind: 'traffic', lower: null, upper: traffic, top: peak * 2 || 1 }],
    bands: [],
    threshold: null,
    scale: scaleOf(valuesOf(columns), { floor: 0 }),
    tick: secondsTick,
    readout: {
      columns: ['p50', 'p95', 'calls'],
      rows: drawn.map(({ model, colour }) => ({
        name: model.model,
        swatch: colour,
        cells: (i) => [
          seconds(at(model.latency.ttftP50, i)),
          seconds(at(model.latency.ttftP95, i)),
          perSecond(at(model.traffic.callsPerSecond, i)),
        ],
      })),
    },
    summary: `Time to first token, 95th percentile. ${drawn.map(({ model }) => `${model.model} ${inWords(model.latency.ttftP95, seconds)}`).join('; ')}; calls ${inWords(traffic, perSecond)}.`,
    missing: [...columns, traffic].some(hasReading) ? null : 'No call in this window.',
  }
}

/** Seconds on an axis, e.g. `0`, `250 ms`, `1.5 s`. */
export function secondsTick(value: number): string {
  if (value === 0) return '0'
  if (value < 1) return `${Number((value * 1000).toPrecision(3))} ms`
  return `${Number(value.toPrecision(3))} s`
}
