// What one successful scrape of a target says: placed readings, what is missing, and the state of the machine.
import type { Fleet, Gpu } from '../../fleet/fleet.ts'
import type { Series } from '../../records/sample.ts'
import type { SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { detectSystem, sourceSystems } from '../../vocabulary/aliases/registry.ts'
import { canonicalMetric } from '../../vocabulary/metrics.ts'
import type { Exposition } from './exposition.ts'
import {
  placeOf,
  placeOfGpu,
  placeOfOther,
  placeOfTarget,
  type Place,
  type TargetSubject,
} from './placement.ts'
import type { Reading } from './reading.ts'
import { readingsOf } from './readings.ts'
import type { PlacedReading } from './series-states.ts'
import { unknownReadings } from './unknown-readings.ts'

export interface TargetReadings {
  /** `null` = no name gives a system away, and nothing says what it should be. */
  readonly system: SourceSystem | null
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
  /** Keep metrics that no system of the catalogue has. */
  readonly keepUnknown: boolean
}

/** Reads an exposition for a target. Pure. */
export function targetReadings(context: TargetContext, exposition: Exposition): TargetReadings {
  const { subject } = context
  const names = exposition.samples.map((sample) => sample.name)
  const system =
    subject.kind === 'other' ? systemGivenAway(names) : detectSystem(names, subject.kind)
  const whole = placing(context, exposition)
  const readings = (system === null ? [] : readingsOf(exposition, system)).map((source) => {
    const place = whole(source)
    return { ...placed(context.project, place, source), source, place }
  })
  const strangers = readings.filter(({ source, place }) => source.gpu !== null && !place.gpuId)
  return {
    system,
    readings: [...readings, ...unknown(context, exposition, system)],
    absent: system === null ? new Map() : absentSeries(context, system, readings),
    unknownGpus: [...new Set(strangers.map(({ place }) => place.dimensions['gpu'] ?? ''))],
  }
}

/** The system whose names are most, of any kind; `null` = none. */
function systemGivenAway(names: readonly string[]): SourceSystem | null {
  const counts = new Map<SourceSystem, number>()
  for (const name of names) {
    const system = sourceSystems.find((candidate) => candidate.namePattern.test(name))
    if (system !== undefined) counts.set(system, (counts.get(system) ?? 0) + 1)
  }
  const [most] = [...counts].toSorted((one, other) => other[1] - one[1])
  return most?.[0] ?? null
}

function placing(
  { fleet, subject }: TargetContext,
  { samples }: Exposition,
): (reading: Reading) => Place {
  if (subject.kind !== 'other') return ({ gpu }) => placeOf(fleet, subject, gpu)
  const named = samples.find(({ labels }) => (labels['model_name'] ?? '') !== '')
  const model = named?.labels['model_name'] ?? null
  return ({ gpu }) => placeOfOther(fleet, subject, { gpu, model })
}

function unknown(
  { project, subject, keepUnknown }: TargetContext,
  exposition: Exposition,
  system: SourceSystem | null,
): TargetReadings['readings'] {
  if (!keepUnknown) return []
  const labels = subject.kind === 'other' ? subject.labels : {}
  const place = placeOfTarget(subject)
  return unknownReadings(exposition, system, labels).map((source) => ({
    ...placed(project, place, source),
    source,
    place,
  }))
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
  context: TargetContext,
  system: SourceSystem,
  readings: TargetReadings['readings'],
): Map<string, Series> {
  const expected = new Set(
    system.aliases.filter((alias) => alias.expected === true).map((alias) => alias.metric),
  )
  const absent = new Map<string, Series>()
  for (const place of placesOf(context, system, readings)) {
    const here = readings.filter((reading) => reading.place.gpuId === place.gpuId)
    const known = new Set(here.map((reading) => reading.source.canonical))
    for (const metric of expected) {
      if (known.has(metric)) continue
      const series = seriesOfAbsent(context.project, place, metric)
      absent.set(keyOf(series), series)
    }
  }
  return absent
}

/** Where the readings that a system should have would belong. */
function placesOf(
  { fleet, subject }: TargetContext,
  system: SourceSystem,
  readings: TargetReadings['readings'],
): readonly Place[] {
  if (subject.kind === 'copy') return [placeOf(fleet, subject, null)]
  const { node } = subject
  if (subject.kind === 'node' || (system.target === 'node' && node !== null)) {
    return gpusOf(fleet, node ?? '').map((gpu) => placeOfGpu(gpu))
  }
  const [first] = readings
  return system.target === 'node' || first === undefined ? [] : [first.place]
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
