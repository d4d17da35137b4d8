// What one successful scrape of a target says: placed readings, what is missing, and the state of the machine.
import type { Fleet, Gpu } from '../../fleet/fleet.ts'
import type { Series } from '../../records/sample.ts'
import type { SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { detectSystem } from '../../vocabulary/aliases/registry.ts'
import { canonicalMetric } from '../../vocabulary/metrics.ts'
import type { Exposition } from './exposition.ts'
import { placeOf, placeOfGpu, type Place, type TargetSubject } from './placement.ts'
import type { Reading } from './reading.ts'
import { readingsOf } from './readings.ts'
import type { PlacedReading } from './series-states.ts'

export interface TargetReadings {
  readonly system: SourceSystem
  readonly readings: readonly (PlacedReading & {
    readonly source: Reading
    readonly place: Place
  })[]
  readonly absent: ReadonlyMap<string, Series>
  /** GPUs that the exporter knows and the fleet does not. */
  readonly unknownGpus: readonly string[]
}

export interface TargetContext {
  readonly project: string
  readonly fleet: Fleet
  readonly subject: TargetSubject
}

/** Reads an exposition for a target. Pure. */
export function targetReadings(context: TargetContext, exposition: Exposition): TargetReadings {
  const names = exposition.samples.map((sample) => sample.name)
  const system = detectSystem(names, context.subject.kind)
  const readings = readingsOf(exposition, system).map((source) => {
    const place = placeOf(context.fleet, context.subject, source.gpu)
    return { ...placed(context.project, place, source), source, place }
  })
  const strangers = readings.filter(({ source, place }) => source.gpu !== null && !place.gpuId)
  return {
    system,
    readings,
    absent: absentSeries(context, system, readings),
    unknownGpus: [...new Set(strangers.map(({ place }) => place.dimensions['gpu'] ?? ''))],
  }
}

function placed(project: string, place: Place, reading: Reading): PlacedReading {
  const series: Series = {
    project,
    namespace: place.namespace,
    metric: reading.metric,
    dimensions: { ...place.dimensions, ...reading.dimensions },
    unit: reading.unit,
    kind: reading.kind,
  }
  const { value, state, timestampMs } = reading
  return { key: keyOf(series), series, value, state, timestampMs }
}

function keyOf(series: Series): string {
  return JSON.stringify([series.namespace, series.metric, Object.entries(series.dimensions)])
}

function absentSeries(
  { project, fleet, subject }: TargetContext,
  system: SourceSystem,
  readings: TargetReadings['readings'],
): Map<string, Series> {
  const expected = new Set(
    system.aliases.filter((alias) => alias.expected === true).map((alias) => alias.metric),
  )
  const places =
    subject.kind === 'copy'
      ? [placeOf(fleet, subject, null)]
      : gpusOf(fleet, subject.node).map((gpu) => placeOfGpu(gpu))
  const absent = new Map<string, Series>()
  for (const place of places) {
    const here = readings.filter((reading) => reading.place.gpuId === place.gpuId)
    const known = new Set(here.map((reading) => reading.source.canonical))
    for (const metric of expected) {
      if (known.has(metric)) continue
      const series = seriesOfAbsent(project, place, metric)
      absent.set(keyOf(series), series)
    }
  }
  return absent
}

function gpusOf(fleet: Fleet, node: string): readonly Gpu[] {
  return fleet.nodes.find((candidate) => candidate.name === node)?.gpus ?? []
}

function seriesOfAbsent(project: string, place: Place, name: string): Series {
  const metric = canonicalMetric(name)
  // A histogram stands for itself by its count.
  const isHistogram = metric?.kind === 'histogram'
  return {
    project,
    namespace: place.namespace,
    metric: isHistogram ? `${name}_count` : name,
    dimensions: place.dimensions,
    unit: isHistogram ? '1' : (metric?.unit ?? ''),
    kind: isHistogram ? 'counter' : (metric?.kind ?? 'gauge'),
  }
}
