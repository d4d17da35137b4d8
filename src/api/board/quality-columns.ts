// Quality of one model by dimension: Hájek's mean with its interval, a step and over the window.
import type { HajekSums } from '../../stats/hajek.ts'
import type { BoardScores } from '../../store/queries/board-scores.ts'
import type { Interval, IntervalColumns } from '../contract.ts'
import { groupBy } from './columns.ts'
import type { Grid } from './grid.ts'
import { rememberedInterval } from './interval-memory.ts'

export interface QualityColumns {
  readonly columns: Readonly<Record<string, IntervalColumns>>
  readonly summary: Readonly<Record<string, Interval>>
  /** Answers that the busiest evaluator scored: no evaluator scored more of them. */
  readonly scoredCalls: number
}

/** @param scores of one model */
export function qualityColumns(scores: readonly BoardScores[], grid: Grid): QualityColumns {
  const dimensions = [...groupBy(scores, (series) => series.dimension)]
  const perDimension = dimensions.map(([dimension, evaluators]) => ({
    dimension,
    steps: intervalsByStep(evaluators, grid),
    whole: intervalOf(evaluators.map(sumsOver)),
  }))
  return {
    columns: Object.fromEntries(perDimension.map((one) => [one.dimension, columnsOf(one.steps)])),
    summary: Object.fromEntries(
      perDimension.flatMap(({ dimension, whole }) => (whole === null ? [] : [[dimension, whole]])),
    ),
    scoredCalls: Math.max(0, ...scores.map((series) => sumsOver(series).scored)),
  }
}

/**
 * The mean over evaluators of one dimension. An answer that k evaluators scored is one answer, not k:
 * the sums are scaled down to the count of the busiest evaluator, so that n and the interval stay honest.
 */
export function intervalOf(evaluators: readonly Sums[]): Interval | null {
  const pooled = evaluators.reduce(plus, nothing)
  if (pooled.scored === 0) return null
  const answers = Math.max(...evaluators.map((sums) => sums.scored))
  return rememberedInterval(scaled(pooled, answers / pooled.scored), answers)
}

type Sums = Required<HajekSums>

const nothing: Sums = {
  scored: 0,
  weight: 0,
  weightSquared: 0,
  weightedValue: 0,
  weightedValueSquared: 0,
  weightSquaredValue: 0,
  weightSquaredValueSquared: 0,
}

function plus(a: Sums, b: Sums): Sums {
  return {
    scored: a.scored + b.scored,
    weight: a.weight + b.weight,
    weightSquared: a.weightSquared + b.weightSquared,
    weightedValue: a.weightedValue + b.weightedValue,
    weightedValueSquared: a.weightedValueSquared + b.weightedValueSquared,
    weightSquaredValue: a.weightSquaredValue + b.weightSquaredValue,
    weightSquaredValueSquared: a.weightSquaredValueSquared + b.weightSquaredValueSquared,
  }
}

function scaled(sums: Sums, factor: number): Sums {
  return {
    scored: sums.scored * factor,
    weight: sums.weight * factor,
    weightSquared: sums.weightSquared * factor,
    weightedValue: sums.weightedValue * factor,
    weightedValueSquared: sums.weightedValueSquared * factor,
    weightSquaredValue: sums.weightSquaredValue * factor,
    weightSquaredValueSquared: sums.weightSquaredValueSquared * factor,
  }
}

function intervalsByStep(evaluators: readonly BoardScores[], grid: Grid): (Interval | null)[] {
  const byStep = evaluators.map(
    (series) => new Map(series.steps.map((step, at) => [step, sumsOfRow(series, at)])),
  )
  return Array.from({ length: grid.length }, (_, step) =>
    intervalOf(byStep.map((sums) => sums.get(step) ?? nothing)),
  )
}

function sumsOver(series: BoardScores): Sums {
  return series.steps.map((_, at) => sumsOfRow(series, at)).reduce(plus, nothing)
}

function sumsOfRow(series: BoardScores, at: number): Sums {
  return {
    scored: series.scored[at] ?? 0,
    weight: series.weight[at] ?? 0,
    weightSquared: series.weightSquared[at] ?? 0,
    weightedValue: series.weightedValue[at] ?? 0,
    weightedValueSquared: series.weightedValueSquared[at] ?? 0,
    weightSquaredValue: series.weightSquaredValue[at] ?? 0,
    weightSquaredValueSquared: series.weightSquaredValueSquared[at] ?? 0,
  }
}

function columnsOf(steps: readonly (Interval | null)[]): IntervalColumns {
  return {
    value: steps.map((interval) => interval?.value ?? null),
    lower: steps.map((interval) => interval?.lower ?? null),
    upper: steps.map((interval) => interval?.upper ?? null),
    n: steps.map((interval) => interval?.n ?? 0),
  }
}
