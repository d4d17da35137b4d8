import { hasReading } from '../columns.ts'
import { seconds } from '../format.ts'
import { scaleOf } from '../scale.ts'
import { at, inWords, middlesOf, valuesOf, type Lane, type LaneInput } from './lane.ts'
import { secondsTick } from './serving-lane.ts'

/** How long evaluations take beside how long the answers themselves took. */
export function evaluationLane({ board, drawn }: LaneInput): Lane {
  const lines = drawn.flatMap(({ model, colour }) => [
    { colour, stroke: 'light' as const, values: model.evaluation.latencyP50 },
    { colour, stroke: 'main' as const, values: model.evaluation.latencyP95 },
    { colour, stroke: 'dashed' as const, values: model.latency.totalP95 },
  ])
  const columns = lines.map((line) => line.values)
  const evaluated = drawn.some(({ model }) => hasReading(model.evaluation.latencyP95))
  return {
    id: 'evaluation',
    title: 'Evaluation',
    unit: 'p95, p50 light; inference p95 dashed',
    timesMs: middlesOf(board),
    startsMs: board.timesMs,
    stepMs: board.stepMs,
    lines,
    fills: [],
    bands: [],
    threshold: null,
    scale: scaleOf(valuesOf(columns), { floor: 0 }),
    tick: secondsTick,
    readout: {
      columns: ['p50', 'p95', 'inference'],
      rows: drawn.map(({ model, colour }) => ({
        name: model.model,
        swatch: colour,
        cells: (i) => [
          seconds(at(model.evaluation.latencyP50, i)),
          seconds(at(model.evaluation.latencyP95, i)),
          seconds(at(model.latency.totalP95, i)),
        ],
      })),
    },
    summary: `Evaluation latency, 95th percentile, beside inference. ${drawn.map(({ model }) => `${model.model} evaluation ${inWords(model.evaluation.latencyP95, seconds)}, inference ${inWords(model.latency.totalP95, seconds)}`).join('; ')}.`,
    missing: evaluated || columns.some(hasReading) ? null : 'Nothing was evaluated in this window.',
  }
}
