// Samples on the board's steps.
import type { BoardSamples } from '../../store/queries/board-samples.ts'
import type { Column } from '../contract.ts'
import { columnOf, combineColumns, maximum, mean } from './columns.ts'
import type { Grid } from './grid.ts'

/** Canonical metrics that the board reads. */
export const boardMetrics = [
  'gpu.duty',
  'gpu.mem_used',
  'gpu.mem_total',
  'gpu.temperature',
  'kv.usage',
  'req.running',
  'req.waiting',
] as const

export type BoardMetric = (typeof boardMetrics)[number]

export interface Readings {
  /** Mean of the GPU's readings in each step; its maximum for `maxima`. */
  ofGpu(metric: BoardMetric, gpuId: string): GpuReadings
  /** One column of means for each series of the metric in a namespace. */
  ofNamespace(metric: BoardMetric, namespace: string): readonly Column[]
  /** Steps in which anything at all was read. */
  readonly observed: ReadonlySet<number>
}

export interface GpuReadings {
  readonly means: Column
  readonly maxima: Column
}

/**
 * Lays samples on the grid. A gauge holds until it is stale, so a step that fell between two scrapes
 * takes the reading before it; a step in which the source was found absent stays `null`.
 * @param staleAfterMs age at which a reading is no longer believed
 */
export function readingsOf(
  samples: readonly BoardSamples[],
  grid: Grid,
  staleAfterMs: number,
): Readings {
  const holdSteps = Math.max(0, Math.ceil(staleAfterMs / grid.stepMs) - 1)
  const held = (series: BoardSamples, values: readonly (number | null)[]) =>
    heldColumn(new Map(series.steps.map((step, at) => [step, values[at] ?? null])), grid, holdSteps)
  return {
    ofGpu: (metric, gpuId) => {
      const series = samples.filter((one) => one.metric === metric && one.gpu === gpuId)
      const means = series.map((one) => held(one, one.means))
      const maxima = series.map((one) => held(one, one.maxima))
      return {
        means: combineColumns(means, grid.length, mean),
        maxima: combineColumns(maxima, grid.length, maximum),
      }
    },
    ofNamespace: (metric, namespace) =>
      samples
        .filter((one) => one.metric === metric && one.namespace === namespace)
        .map((one) => held(one, one.means)),
    observed: new Set(
      samples.flatMap((one) => one.steps.filter((_, at) => (one.means[at] ?? null) !== null)),
    ),
  }
}

function heldColumn(
  values: ReadonlyMap<number, number | null>,
  grid: Grid,
  holdSteps: number,
): Column {
  return columnOf(grid.length, (step) => {
    for (let back = 0; back <= holdSteps; back += 1) {
      const value = values.get(step - back)
      if (value !== undefined) return value
    }
    return null
  })
}
