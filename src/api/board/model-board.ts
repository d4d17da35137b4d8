// One model: its columns, then its window in a few numbers.
import { infrastructureNamespace } from '../../vocabulary/namespace.ts'
import type { BoardCalls } from '../../store/queries/board-calls.ts'
import type { Quantiles } from '../../store/queries/latency-quantiles.ts'
import type { BoardEvaluation } from '../../store/queries/board-scores.ts'
import type { BoardModel, Column } from '../contract.ts'
import type { BoardData } from './board-data.ts'
import { type BoardParts, p50, p95 } from './board-parts.ts'
import { columnOf, combineColumns, finite, mean, sum } from './columns.ts'
import { modelSummary } from './model-summary.ts'
import { qualityColumns } from './quality-columns.ts'

/** Columns and summary of one model. */
export function modelBoard(model: string, parts: BoardParts): BoardModel {
  const { data, grid } = parts
  const components = data.fleet.components.filter((component) => component.model === model)
  const copies = components.flatMap((component) => component.copies)
  const quality = qualityColumns(
    data.scores.filter((row) => row.model === model),
    grid,
  )
  const columns = {
    cost: costOf(model, parts),
    traffic: trafficOf(model, parts),
    latency: latencyOf(model, parts),
    serving: servingOf(model, parts),
    quality: quality.columns,
    evaluation: evaluationOf(model, parts),
  }
  return {
    model,
    component: components.map((component) => component.name).join(', '),
    copies: copies.length,
    gpus: sum(copies.map((copy) => copy.gpuIds.length)),
    ...columns,
    summary: modelSummary(model, { parts, columns, quality }),
  }
}

function costOf(model: string, { bill, grid }: BoardParts): BoardModel['cost'] {
  const empty = columnOf(grid.length, () => null)
  const own = bill.models.get(model)
  return { usdPerHour: own?.usdPerHour ?? empty, idleUsdPerHour: own?.idleUsdPerHour ?? empty }
}

function trafficOf(model: string, parts: BoardParts): BoardModel['traffic'] {
  const rows = callsByStep(model, parts.data)
  const rate = (countOf: (row: BoardCalls) => number): Column =>
    columnOf(parts.grid.length, (step) => {
      const row = rows.get(step)
      if (row !== undefined) return countOf(row) / parts.grid.stepSeconds
      return parts.observed.has(step) ? 0 : null
    })
  return {
    callsPerSecond: rate((row) => row.calls),
    errorsPerSecond: rate((row) => row.errors),
    rejectedPerSecond: rate((row) => row.rejected),
    promptTokensPerSecond: rate((row) => row.promptTokens),
    completionTokensPerSecond: rate((row) => row.completionTokens),
  }
}

function latencyOf(model: string, { data, grid }: BoardParts): BoardModel['latency'] {
  const rows = callsByStep(model, data)
  const quantile = (of: (row: BoardCalls) => Quantiles, at: number): Column =>
    columnOf(grid.length, (step) => {
      const row = rows.get(step)
      return row === undefined ? null : finite(of(row)[at])
    })
  return {
    ttftP50: quantile((row) => row.ttft, p50),
    ttftP95: quantile((row) => row.ttft, p95),
    tpotP50: quantile((row) => row.tpot, p50),
    totalP95: quantile((row) => row.total, p95),
    queueP95: quantile((row) => row.queue, p95),
  }
}

function servingOf(model: string, { readings, grid }: BoardParts): BoardModel['serving'] {
  const namespace = infrastructureNamespace(model)
  // Copies share neither cache nor queue: the cache is as full as they are on average, the requests add up.
  return {
    kvCacheUsage: combineColumns(readings.ofNamespace('kv.usage', namespace), grid.length, mean),
    requestsRunning: combineColumns(
      readings.ofNamespace('req.running', namespace),
      grid.length,
      sum,
    ),
    requestsWaiting: combineColumns(
      readings.ofNamespace('req.waiting', namespace),
      grid.length,
      sum,
    ),
  }
}

function evaluationOf(model: string, parts: BoardParts): BoardModel['evaluation'] {
  const own = parts.data.evaluation.find((one) => one.model === model)
  const rows = new Map((own?.steps ?? []).map((row) => [row.step, row]))
  const column = (of: (row: BoardEvaluation) => number | null | undefined): Column =>
    columnOf(parts.grid.length, (step) => {
      const row = rows.get(step)
      return row === undefined ? null : finite(of(row))
    })
  const perMinute = (countOf: (row: BoardEvaluation) => number): Column =>
    columnOf(parts.grid.length, (step) => {
      const row = rows.get(step)
      if (row !== undefined) return countOf(row) / parts.grid.stepMinutes
      return parts.observed.has(step) ? 0 : null
    })
  return {
    latencyP50: column((row) => row.latency[p50]),
    latencyP95: column((row) => row.latency[p95]),
    lagP95: column((row) => row.lag[p95]),
    scoredPerMinute: perMinute((row) => row.scored),
    failedPerMinute: perMinute((row) => row.failed),
  }
}

function callsByStep(model: string, data: BoardData): ReadonlyMap<number, BoardCalls> {
  const own = data.calls.find((one) => one.model === model)
  return new Map((own?.steps ?? []).map((row) => [row.step, row]))
}
