// Samples on the board's steps.
import type { BoardSamples } from '../../store/queries/board-samples.ts'
import type { Column } from '../contract.ts'
import { combineColumns, finite, groupBy, maximum, mean } from './columns.ts'
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
    heldColumn(series.steps, values, { length: grid.length, holdSteps })
  const byGpu = groupBy(samples, (series) => `${series.metric} ${series.gpu}`)
  return {
    ofGpu: (metric, gpuId) => {
      const series = byGpu.get(`${metric} ${gpuId}`) ?? []
      // Most callers want one of the two.
      return {
        get means() {
          const means = series.map((one) => held(one, one.means))
          return combineColumns(means, grid.length, mean)
        },
        get maxima() {
          const maxima = series.map((one) => held(one, one.maxima))
          return combineColumns(maxima, grid.length, maximum)
        },
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

/** Each value at its step and at the steps after it without one of their own, `holdSteps` of them at most. */
function heldColumn(
  steps: readonly number[],
  values: readonly (number | null)[],
  { length, holdSteps }: { readonly length: number; readonly holdSteps: number },
): Column {
  const column = Array.from<number | null>({ length }).fill(null)
  const readings = steps.map((step, at) => ({ step, value: values[at] ?? null }))
  // In the order of time, so that a later reading ends what an earlier one holds.
  for (const { step, value } of readings.toSorted((a, b) => a.step - b.step)) {
    column.fill(finite(value), step, step + holdSteps + 1)
  }
  return column
}
