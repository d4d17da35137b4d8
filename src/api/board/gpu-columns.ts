import type { Fleet, Gpu } from '../../fleet/fleet.ts'
import type { Board, BoardGpu, Column } from '../contract.ts'
import { columnOf, sum } from './columns.ts'
import type { Grid } from './grid.ts'
import type { Readings } from './readings.ts'

/** A GPU that was busy for a larger share of any reading did work. */
const workingDuty = 0.05

type GpuCounts = Pick<Board['fleet'], 'gpusTotal' | 'gpusActive' | 'gpusIdle' | 'gpusUnreserved'>

/** One row a GPU of the fleet. */
export function gpuRows(fleet: Fleet, readings: Readings, grid: Grid): readonly BoardGpu[] {
  return fleet.gpus.map((gpu) => ({
    id: gpu.id,
    node: gpu.node,
    index: gpu.index,
    name: gpu.model,
    model: gpu.owner?.model ?? null,
    copy: gpu.owner?.copy ?? null,
    duty: readings.ofGpu('gpu.duty', gpu.id).means,
    memoryUsage: memoryUsage(gpu, readings, grid),
    temperatureCelsius: readings.ofGpu('gpu.temperature', gpu.id).means,
  }))
}

/**
 * How many GPUs worked, were reserved without work, and were reserved by nobody, step by step. Who reserves
 * what is the fleet's state now. A reserved GPU without a reading counts as neither active nor idle.
 */
export function gpuCounts(fleet: Fleet, readings: Readings, grid: Grid): GpuCounts {
  const reserved = fleet.gpus.filter((gpu) => gpu.owner !== null)
  const peaks = reserved.map((gpu) => readings.ofGpu('gpu.duty', gpu.id).maxima)
  const count = (matches: (duty: number) => boolean): Column =>
    columnOf(grid.length, (step) => {
      if (reserved.length === 0) return 0
      const duties = peaks.map((peak) => peak[step] ?? null).filter((duty) => duty !== null)
      return duties.length === 0 ? null : sum(duties.map((duty) => (matches(duty) ? 1 : 0)))
    })
  return {
    gpusTotal: columnOf(grid.length, () => fleet.gpus.length),
    gpusActive: count((duty) => duty > workingDuty),
    gpusIdle: count((duty) => duty <= workingDuty),
    gpusUnreserved: columnOf(grid.length, () => fleet.gpus.length - reserved.length),
  }
}

function memoryUsage(gpu: Gpu, readings: Readings, grid: Grid): Column {
  const used = readings.ofGpu('gpu.mem_used', gpu.id).means
  const total = readings.ofGpu('gpu.mem_total', gpu.id).means
  return columnOf(grid.length, (step) => {
    const bytes = used[step] ?? null
    const size = total[step] ?? gpu.memoryBytes
    return bytes === null || !(size > 0) ? null : bytes / size
  })
}
