import type { MetricKind } from '../../records/sample.ts'
import type { AliasQuality } from '../../vocabulary/aliases/alias.ts'

/** How an exporter names a GPU. */
export interface GpuLabels {
  readonly uuid: string
  /** `null` = the exporter does not say. */
  readonly index: number | null
  /** Server as the exporter calls it; empty when it does not say. */
  readonly host: string
}

export interface Reading {
  /** Canonical name, with `_sum`, `_count` or `_bucket` for the parts of a histogram. */
  readonly metric: string
  readonly canonical: string
  readonly unit: string
  readonly kind: MetricKind
  readonly dimensions: Readonly<Record<string, string>>
  readonly gpu: GpuLabels | null
  readonly value: number
  readonly state: 'present' | 'sentinel'
  /** As the exporter stamped it; `null` = it did not. */
  readonly timestampMs: number | null
  readonly sourceName: string
  readonly quality: AliasQuality
}

/** What tells a series of one exposition from another. */
export function seriesKey(reading: Reading): string {
  return JSON.stringify([reading.metric, gpuKey(reading), Object.entries(reading.dimensions)])
}

/** The same for all parts of a histogram, and for whichever name or quality gives the metric. */
export function groupKey(reading: Reading): string {
  const { le: _, quality: __, ...dimensions } = reading.dimensions
  return JSON.stringify([reading.canonical, gpuKey(reading), Object.entries(dimensions)])
}

/** The same for all metrics of one GPU, partition or engine. */
export function placeKey(reading: Reading): string {
  return JSON.stringify([gpuKey(reading), Object.entries(reading.dimensions)])
}

function gpuKey({ gpu }: Reading): string {
  if (gpu === null) return ''
  return gpu.uuid === '' ? `${gpu.host}/${gpu.index}` : gpu.uuid
}

/** Items by key, in their order. */
export function grouped<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
