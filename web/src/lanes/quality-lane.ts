import type { Column, IntervalColumns } from '../../../src/api/contract.ts'
import { hasReading } from '../columns.ts'
import { absent, bounds, count, score } from '../format.ts'
import { dimensionLabel, lowerIsBetter, qualityOf } from '../model-choice.ts'
import { fewAnswers, poolIntervals, poolTimes } from '../pooling.ts'
import { scaleOf } from '../scale.ts'
import { at, inWords, valuesOf, type Lane, type LaneId, type LaneInput } from './lane.ts'

/** The chosen quality dimension of each model with its intervals. */
export function qualityLane(input: LaneInput): Lane {
  return dimensionLane('quality', 'Quality', input.dimension, input)
}

/** Safety of each model with its intervals and the threshold of the alert rules. */
export function safetyLane(input: LaneInput): Lane {
  return dimensionLane('safety', 'Safety', 'safety', input)
}

function dimensionLane(id: LaneId, title: string, dimension: string, input: LaneInput): Lane {
  const { board, drawn } = input
  const measured = drawn.flatMap(({ model, colour }) => {
    const columns = qualityOf(model, dimension)
    return columns === null ? [] : [{ name: model.model, colour, columns }]
  })
  const counts = measured.map(({ columns }) => columns.n)
  const times = poolTimes(board.timesMs, board.stepMs, counts)
  const series = measured.map(({ name, colour, columns }) => ({
    name,
    colour,
    ...poolIntervals(columns, times, board.stepMs),
  }))
  const unmeasured = drawn
    .filter(({ model }) => qualityOf(model, dimension) === null)
    .map(({ model, colour }) => ({
      name: model.model,
      swatch: colour,
      cells: () => [absent, absent, absent],
    }))
  const threshold = board.thresholds?.[dimension] ?? null
  const columns: Column[] = series.flatMap(sureColumns)
  const label = dimensionLabel(dimension)
  return {
    id,
    title,
    unit: `${lowerIsBetter(dimension) ? '1 − groundedness, 0' : '1'} = good · 95% interval · per ${stepName(times.groupMs)}`,
    timesMs: times.middlesMs,
    startsMs: times.startsMs,
    stepMs: times.groupMs,
    lines: series.map(({ colour, value }) => ({ colour, stroke: 'main', values: value })),
    fills: [],
    bands: series,
    threshold,
    scale: scaleOf([...valuesOf(columns), threshold], { ceiling: 1, span: 0.2 }),
    tick: score,
    readout: {
      columns: ['mean', '95%', 'n'],
      rows: [
        ...series.map(({ name, colour, value, lower, upper, n }) => ({
          name,
          swatch: colour,
          cells: (i: number) => [
            score(at(value, i)),
            bounds(at(lower, i), at(upper, i)),
            count(at(value, i) === null ? null : (n[i] ?? null)),
          ],
          few: (i: number) => at(value, i) !== null && (n[i] ?? 0) < fewAnswers,
        })),
        ...unmeasured,
      ],
    },
    summary: `${title}, ${label}. ${series.map(({ name, value }) => `${name} ${inWords(value, score)}`).join('; ')}${threshold === null ? '' : `; threshold ${score(threshold)}`}.`,
    missing: columns.some(hasReading) ? null : `No answer scored for ${label} in this window.`,
  }
}

/** What the axis must hold: intervals of points with enough answers, of the others the point alone. */
function sureColumns({ value, lower, upper, n }: IntervalColumns): readonly Column[] {
  const none = n.every((answers) => answers < fewAnswers)
  const sure = (bound: Column) =>
    bound.map((edge, i) => (none || (n[i] ?? 0) >= fewAnswers ? edge : (value[i] ?? null)))
  return [sure(lower), sure(upper)]
}

/** A step length in words, e.g. `30 s`, `5 min`, `1 h`. */
export function stepName(ms: number): string {
  if (ms < 60_000) return `${ms / 1000} s`
  return ms < 3_600_000 ? `${Number((ms / 60_000).toFixed(1))} min` : `${ms / 3_600_000} h`
}
