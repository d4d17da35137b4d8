// The few readings that travel with each call and that the ledger needs, taken once a scrape.
import type { Reading } from './reading.ts'

/** Of a model server; `null` = no reading. */
export interface CopySummary {
  readonly requestsRunning: number | null
  readonly requestsWaiting: number | null
  readonly kvCacheUsage: number | null
}

/** Of a GPU; `null` = no reading. */
export interface GpuSummary {
  /** Share of time with work, 0 to 1. */
  readonly duty: number | null
  readonly temperatureCelsius: number | null
}

/** Sums over the engines of a copy; the fullest KV cache counts, since it is the one that preempts. */
export function copySummary(readings: readonly Reading[]): CopySummary {
  return {
    requestsRunning: total(valuesOf(readings, 'req.running')),
    requestsWaiting: total(valuesOf(readings, 'req.waiting')),
    kvCacheUsage: largest(valuesOf(readings, 'kv.usage')),
  }
}

/** Of the readings of one GPU, its MIG instances included. */
export function gpuSummary(readings: readonly Reading[]): GpuSummary {
  return {
    duty: dutyOf(readings),
    temperatureCelsius: largest(valuesOf(readings, 'gpu.temperature')),
  }
}

/** Of the whole GPU where it is read; else its instances, each weighted with its share of the GPU. */
function dutyOf(readings: readonly Reading[]): number | null {
  const duties = readings.filter(
    (reading) => reading.canonical === 'gpu.duty' && reading.state === 'present',
  )
  const whole = duties.filter((reading) => reading.dimensions['mig'] === undefined)
  const exact = whole.find((reading) => reading.quality === 'exact') ?? whole[0]
  if (exact !== undefined) return exact.value
  const shares = duties.map((reading) => reading.value * migShare(reading))
  return total(shares)
}

const migSlices = 7

/** `3g.40gb` is 3 of 7 compute slices. */
function migShare(reading: Reading): number {
  const slices = /^(\d)g\./.exec(reading.dimensions['mig_profile'] ?? '')?.[1]
  return slices === undefined ? 1 / migSlices : Number(slices) / migSlices
}

function valuesOf(readings: readonly Reading[], canonical: string): number[] {
  return readings
    .filter((reading) => reading.canonical === canonical && reading.state === 'present')
    .map((reading) => reading.value)
}

function total(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values)
}
