// From an exposition to canonical readings. Pure; which model a reading belongs to is decided after.
import type { Alias, Combine, SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { canonicalMetric } from '../../vocabulary/metrics.ts'
import { derivedReadings } from './derivations.ts'
import type { Exposition, ExpositionSample } from './exposition.ts'
import { groupKey, grouped, seriesKey, type GpuLabels, type Reading } from './reading.ts'

/**
 * Readings of an exposition in the words of a system. Where several names give one metric, the most
 * preferred that has a value wins, series by series, so that a rename neither doubles nor loses it.
 */
export function readingsOf(
  exposition: Pick<Exposition, 'samples'>,
  system: SourceSystem,
): Reading[] {
  const byName = grouped(exposition.samples, (sample) => sample.name)
  const chosen: Chosen = { readings: new Map(), owners: new Map() }
  system.aliases.forEach((alias, aliasIndex) => {
    for (const name of [alias.name, ...(alias.formerNames ?? [])]) {
      const candidates = partsOf(alias).flatMap((part) =>
        (byName.get(nameOfPart(alias, name, part)) ?? []).map((sample) => ({ part, sample })),
      )
      for (const { part, sample } of candidates) {
        const reading = readingOf({ alias, system, part, sample })
        if (reading === null) continue
        choose(chosen, reading, `${aliasIndex} ${name}`, alias.combine ?? system.combine)
      }
    }
  })
  const readings = [...chosen.readings.values()]
  return [...readings, ...derivedReadings(readings, system)]
}

/** Most buckets that are kept of one histogram series. */
const mostBuckets = 64

interface Chosen {
  readonly readings: Map<string, Reading>
  /** By series without `le`: which name gives it. */
  readonly owners: Map<string, { origin: string; buckets: number }>
}

export type Part = '' | '_sum' | '_count' | '_bucket'

/** Suffixes under which a source exports what an alias names: one, or the kept parts of a histogram. */
export function partsOf(alias: Alias): readonly Part[] {
  if (canonicalMetric(alias.metric)?.kind !== 'histogram') return ['']
  return alias.buckets === true ? ['_sum', '_count', '_bucket'] : ['_sum', '_count']
}

/** Under which name a source exports a part. @param name one of the alias's names */
export function nameOfPart({ partNames }: Alias, name: string, part: Part): string {
  return part === '_sum' || part === '_count' ? (partNames?.[part] ?? name + part) : name + part
}

/** A sample that an alias may mean. */
export interface Candidate {
  readonly alias: Alias
  readonly system: SourceSystem
  readonly part: Part
  readonly sample: ExpositionSample
}

/** The canonical reading of a sample; `null` when the alias does not mean it. */
export function readingOf({ alias, system, part, sample }: Candidate): Reading | null {
  const metric = canonicalMetric(alias.metric)
  if (metric === undefined || !matches(alias, sample.labels)) return null
  const raw = rawValue(alias, sample)
  const isCount = part === '_count' || part === '_bucket'
  const value = raw * (isCount ? 1 : (alias.factor ?? 1))
  const isBlank = system.isSentinel(raw) || !Number.isFinite(value)
  return {
    metric: metric.name + part,
    canonical: metric.name,
    unit: isCount ? '1' : metric.unit,
    kind: part === '' ? metric.kind : 'counter',
    dimensions: dimensionsOf({ alias, system, part, sample }),
    gpu: metric.scope === 'gpu' ? gpuLabels(sample.labels) : null,
    // A blank has no value: whoever forgets to look at the state must not find a number.
    value: isBlank ? NaN : value,
    state: isBlank ? 'sentinel' : 'present',
    timestampMs: sample.timestampMs,
    sourceName: sample.name,
    quality: alias.quality,
  }
}

function matches(alias: Alias, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(alias.where ?? {}).every(([label, pattern]) =>
    pattern.test(labels[label] ?? ''),
  )
}

function rawValue({ productOf }: Alias, { value, labels }: ExpositionSample): number {
  return productOf === undefined ? value : product(productOf, labels)
}

function product(names: readonly string[], labels: Readonly<Record<string, string>>): number {
  return names.reduce((total, name) => total * Number(labels[name] ?? NaN), 1)
}

function dimensionsOf({ alias, system, part, sample }: Candidate): Record<string, string> {
  const names = { ...system.labels, ...alias.labels }
  const dimensions: Record<string, string> = { ...alias.dimensions }
  for (const [label, dimension] of Object.entries(names)) {
    const value = sample.labels[label]
    if (value !== undefined && value !== '') dimensions[dimension] = value
  }
  if (part === '_bucket') dimensions['le'] = bucketBound(sample.labels['le'] ?? '')
  // Only what is not exact says so: the same series must not split when a source is renamed.
  if (alias.quality !== 'exact') dimensions['quality'] = alias.quality
  return dimensions
}

/** Some clients write `1`, others `1.0`: one bound, one series. */
function bucketBound(text: string): string {
  const bound = Number(text)
  return text === '' || Number.isNaN(bound) ? text : String(bound)
}

/** NVLink rows, older exporters and those of other makers spell the labels in their own way. */
function gpuLabels(labels: Readonly<Record<string, string>>): GpuLabels {
  const index = Number(labels['gpu'] ?? labels['gpu_id'] ?? NaN)
  return {
    uuid: labels['UUID'] ?? labels['gpu_uuid'] ?? labels['uuid'] ?? '',
    index: Number.isInteger(index) && index >= 0 ? index : null,
    host: labels['hostname'] ?? labels['Hostname'] ?? '',
  }
}

function choose(chosen: Chosen, reading: Reading, origin: string, combine: Combine): void {
  const group = groupKey(reading)
  const owner = chosen.owners.get(group)
  if (owner !== undefined && owner.origin !== origin) return
  const key = seriesKey(reading)
  const previous = chosen.readings.get(key)
  if (reading.state === 'sentinel') {
    if (previous === undefined) chosen.readings.set(key, reading)
    return
  }
  if (previous?.state === 'present') {
    chosen.readings.set(key, combined(previous, reading, combine))
    return
  }
  const buckets = (owner?.buckets ?? 0) + bucketCount(reading)
  if (buckets > mostBuckets) return
  chosen.owners.set(group, { origin, buckets })
  chosen.readings.set(key, reading)
}

/** The last bucket holds the total and is never cut off. */
function bucketCount(reading: Reading): number {
  const bound = reading.dimensions['le']
  return bound === undefined || bound === '+Inf' ? 0 : 1
}

function combined(first: Reading, second: Reading, how: Combine): Reading {
  if (how === 'first') return first
  const value = how === 'sum' ? first.value + second.value : Math.max(first.value, second.value)
  // Two numbers may add up to none.
  return Number.isFinite(value) ? { ...first, value } : { ...first, value: NaN, state: 'sentinel' }
}
