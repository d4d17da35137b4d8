import {
  usdPerGoodAnswer,
  usdPerMillionTokens,
  usdPerThousandCalls,
} from '../../analysis/unit-cost.ts'
import { hajekFromSums } from '../../stats/hajek.ts'
import type { BoardCalls } from '../../store/queries/board-calls.ts'
import type { BoardModel, Column, Interval } from '../contract.ts'
import { costOfRates } from './bill-columns.ts'
import { finite, mean, overall, present, sum } from './columns.ts'
import { type BoardParts, p50, p95 } from './board-parts.ts'
import type { QualityColumns } from './quality-columns.ts'

type Summary = BoardModel['summary']

export interface SummaryParts {
  readonly parts: BoardParts
  readonly columns: Pick<BoardModel, 'cost'>
  readonly quality: QualityColumns
}

/** A model's window in a few numbers. */
export function modelSummary(model: string, { parts, columns, quality }: SummaryParts): Summary {
  const { data, grid } = parts
  const own = data.calls.find((one) => one.model === model)
  const evaluation = data.evaluation.find((one) => one.model === model)
  const total = (countOf: (row: BoardCalls) => number) => sum((own?.steps ?? []).map(countOf))
  const gpus = parts.gpus.filter((gpu) => gpu.model === model)
  return {
    costUsd: costOfRates(columns.cost.usdPerHour, grid),
    idleCostUsd: costOfRates(columns.cost.idleUsdPerHour, grid),
    usdPerHour: overall(columns.cost.usdPerHour, mean),
    ...unitCosts(model, parts, columns.cost.usdPerHour),
    calls: total((row) => row.calls),
    errors: total((row) => row.errors),
    rejected: total((row) => row.rejected),
    sampledCalls: total((row) => row.sampled),
    scoredCalls: quality.scoredCalls,
    ttftP50: finite(own?.whole.ttft[p50]),
    ttftP95: finite(own?.whole.ttft[p95]),
    gpuDuty: meanOver(gpus.map((gpu) => gpu.duty)),
    gpuMemoryUsage: meanOver(gpus.map((gpu) => gpu.memoryUsage)),
    quality: quality.summary,
    calibrated: Object.fromEntries(
      data.calibrations
        .filter((one) => one.model === model)
        .map(({ dimension, interval }) => [dimension, interval]),
    ),
    evaluationLatencyP95: finite(evaluation?.whole.latency[p95]),
  }
}

type UnitCosts = Pick<Summary, 'usdPerThousandCalls' | 'usdPerMillionTokens' | 'usdPerGoodAnswer'>

/** Cost and work are taken over the same steps: those that the ledger knows. */
function unitCosts(model: string, parts: BoardParts, usdPerHour: Column): UnitCosts {
  const costUsd = costOfRates(usdPerHour, parts.grid)
  if (costUsd === null) {
    return { usdPerThousandCalls: null, usdPerMillionTokens: null, usdPerGoodAnswer: null }
  }
  const own = parts.data.calls.find((one) => one.model === model)
  const billed = (own?.steps ?? []).filter((row) => (usdPerHour[row.step] ?? null) !== null)
  const total = (countOf: (row: BoardCalls) => number) => sum(billed.map(countOf))
  return {
    usdPerThousandCalls: usdPerThousandCalls(
      costUsd,
      total((row) => row.calls),
    ),
    usdPerMillionTokens: usdPerMillionTokens(
      costUsd,
      total((row) => row.completionTokens),
    ),
    usdPerGoodAnswer: usdPerGoodAnswer(
      costUsd,
      total((row) => row.successes),
      goodShare(model, parts),
    ),
  }
}

/** Share of scored answers that were good and in time. */
function goodShare(model: string, { data }: BoardParts): Interval | null {
  const counts = data.goodAnswers.find((row) => row.model === model)
  if (counts === undefined) return null
  const estimate = hajekFromSums({
    scored: counts.scored,
    weight: counts.weight,
    weightSquared: counts.weightSquared,
    // Good is 1 and not good 0, so the value and its square weigh the same.
    weightedValue: counts.goodWeight,
    weightedValueSquared: counts.goodWeight,
    weightSquaredValue: counts.goodWeightSquared,
    weightSquaredValueSquared: counts.goodWeightSquared,
  })
  if (estimate === null) return null
  return {
    value: estimate.value,
    lower: estimate.lower,
    upper: estimate.upper,
    n: estimate.n,
  }
}

function meanOver(columns: readonly Column[]): number | null {
  const values = columns.flatMap(present)
  return values.length === 0 ? null : mean(values)
}
