// What became of each metric of a page, in words: mapped to what and whose, ignored and why, missing. Pure.
import type { Alias, SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { sourceSystems } from '../../vocabulary/aliases/registry.ts'
import type { Reading } from './reading.ts'
import type { Page } from './target-page.ts'
import type { TargetReadings } from './target-readings.ts'
import { isCreationTime, namesOf } from './unknown-readings.ts'

/** A reading as it would be stored. */
export interface MappedReading {
  readonly sourceName: string
  readonly metric: string
  readonly unit: string
  /** `null` = the system’s way to say "no value". */
  readonly value: number | null
  readonly state: 'present' | 'sentinel'
  readonly namespace: string
  readonly dimensions: Readonly<Record<string, string>>
  /** What a person should know of it; may be empty. */
  readonly note: string
}

export interface IgnoredMetric {
  readonly sourceName: string
  readonly samples: number
  readonly reason: string
}

export interface AbsentMetric {
  readonly metric: string
  /** Names that the system gives it, newest first. */
  readonly sourceNames: readonly string[]
  /** Whose series are missing; one entry a copy or GPU. */
  readonly places: readonly Readonly<Record<string, string>>[]
}

export interface PageFindings {
  readonly mapped: readonly MappedReading[]
  readonly ignored: readonly IgnoredMetric[]
  readonly absent: readonly AbsentMetric[]
  /** The first of the lines that could not be read; `badLineCount` counts all. */
  readonly badLines: readonly { readonly line: number; readonly reason: string }[]
  readonly badLineCount: number
}

/** Explains a page by what was read from it. */
export function pageFindings(page: Page, read: TargetReadings): PageFindings {
  const { badLines, badLineCount } = page.exposition
  return {
    mapped: mappedReadings(page, read),
    ignored: ignoredMetrics(page, read),
    absent: absentMetrics(read),
    badLines,
    badLineCount,
  }
}

function mappedReadings({ exposition }: Page, { readings }: TargetReadings): MappedReading[] {
  const otherSpelling = new Set(
    exposition.samples.flatMap(({ name, labels }) =>
      labels['UUID'] === undefined && labels['gpu_uuid'] !== undefined ? [name] : [],
    ),
  )
  return readings.map(({ source, series, place }) => ({
    sourceName: source.sourceName,
    metric: source.metric,
    unit: source.unit,
    value: source.state === 'present' ? source.value : null,
    state: source.state,
    namespace: series.namespace,
    dimensions: series.dimensions,
    note: [
      source.quality === 'exact' ? [] : source.quality,
      otherSpelling.has(source.sourceName) ? 'GPU named by gpu_uuid, not UUID' : [],
      source.gpu !== null && place.gpuId === null ? 'GPU is not in the fleet' : [],
    ]
      .flat()
      .join('; '),
  }))
}

function ignoredMetrics(page: Page, { readings, system }: TargetReadings): IgnoredMetric[] {
  const mapped = new Set(readings.map(({ source }) => source.sourceName))
  const sources = readings.map(({ source }) => source)
  const left = page.exposition.samples.map(({ name }) => name).filter((name) => !mapped.has(name))
  const ignored = [...countsOf(left)].map(([sourceName, samples]) => ({
    sourceName,
    samples,
    reason: isCreationTime(sourceName, page.exposition)
      ? 'time of creation, not a reading'
      : reasonOf(sourceName, system, sources),
  }))
  const dropped = [...countsOf(page.dropped)].map(([sourceName, samples]) => ({
    sourceName,
    samples,
    reason: 'dropped by metricRelabel',
  }))
  return [...ignored, ...dropped]
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function reasonOf(name: string, system: SourceSystem | null, readings: readonly Reading[]): string {
  if (system !== null && namesOf(system).has(name)) return reasonOfKnown(name, system, readings)
  const owner = sourceSystems.find((one) => one !== system && namesOf(one).has(name))
  if (owner !== undefined) {
    const recognised = system === null ? 'the target was not recognised' : `this is ${system.name}`
    return `a name of ${owner.name}, but ${recognised}`
  }
  if (/^(process|python|go|promhttp|nodejs|jvm|scrape)_/.test(name)) {
    return 'about the program that exports, not what it serves'
  }
  return system === null
    ? 'no known system has it'
    : `not in the catalogue of ${system.name} (${system.asOf})`
}

function reasonOfKnown(
  name: string,
  { aliases }: SourceSystem,
  readings: readonly Reading[],
): string {
  const base = name.replace(/_(sum|count|bucket)$/, '')
  const meant = aliases.filter((alias) =>
    namesOfAlias(alias).some((one) => one === name || one === base),
  )
  if (name.endsWith('_bucket') && meant.every((alias) => alias.buckets !== true)) {
    return 'buckets of this metric are not kept, its sum and count are'
  }
  const given = readings.find((reading) => meant.some(({ metric }) => metric === reading.canonical))
  if (given !== undefined) return `${given.canonical} comes from ${given.sourceName} already`
  return `${meant[0]?.metric ?? 'its metric'} is read from it only with other labels`
}

const namesOfAlias = (alias: Alias) => [alias.name, ...(alias.formerNames ?? [])]

function absentMetrics({ absent, system }: TargetReadings): AbsentMetric[] {
  const places = new Map<string, Readonly<Record<string, string>>[]>()
  for (const { metric: name, dimensions } of absent.values()) {
    const metric = name.replace(/_count$/, '')
    places.set(metric, [...(places.get(metric) ?? []), dimensions])
  }
  return [...places].map(([metric, where]) => ({
    metric,
    sourceNames: (system?.aliases ?? [])
      .filter((alias) => alias.metric === metric)
      .flatMap(namesOfAlias),
    places: where,
  }))
}
