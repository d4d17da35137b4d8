// From what was read to the board: pure, so that every number can be checked by hand.
import type { Board } from '../contract.ts'
import { billColumns, costOfRates } from './bill-columns.ts'
import type { BoardData } from './board-data.ts'
import { gpuCounts, gpuRows } from './gpu-columns.ts'
import { gridOf } from './grid.ts'
import { modelBoard } from './model-board.ts'
import { modelNames } from './model-names.ts'
import { readingsOf } from './readings.ts'

/** The whole board on the steps of its window. */
export function assembleBoard(data: BoardData): Board {
  const { window, fleet } = data
  const grid = gridOf(window)
  const bill = billColumns(data.bill, grid)
  const readings = readingsOf(data.samples, grid, data.staleAfterMs)
  const gpus = gpuRows(fleet, readings, grid)
  const observed = new Set([
    ...readings.observed,
    ...data.calls.flatMap((model) => model.steps.map((row) => row.step)),
  ])
  return {
    project: window.project,
    generatedAtMs: data.nowMs,
    fromMs: window.fromMs,
    toMs: window.toMs,
    stepMs: window.stepMs,
    timesMs: grid.timesMs,
    fleet: {
      usdPerHour: bill.usdPerHour,
      idleUsdPerHour: bill.idleUsdPerHour,
      sharedUsdPerHour: bill.sharedUsdPerHour,
      ...gpuCounts(fleet, readings, grid),
      totalCostUsd: costOfRates(bill.usdPerHour, grid),
      idleCostUsd: costOfRates(bill.idleUsdPerHour, grid),
    },
    prices: fleet.nodes.map((node) => ({
      node: node.name,
      instanceType: node.instanceType,
      usdPerHour: node.price.usdPerHour,
      source: node.price.source,
      date: node.price.date,
    })),
    models: modelNames(data).map((model) =>
      modelBoard(model, { data, grid, bill, readings, observed, gpus }),
    ),
    gpus,
    events: data.events,
    alerts: data.alerts,
    sources: data.sources,
  }
}
