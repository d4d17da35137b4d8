// Metrics that no known system has, kept under their own name for jobs that ask for it.
import type { MetricKind } from '../../records/sample.ts'
import { isNotFinite, type SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { canonicalMetric } from '../../vocabulary/metrics.ts'
import type { Labels } from '../scrape/relabel.ts'
import type { Exposition, ExpositionSample } from './exposition.ts'
import type { Reading } from './reading.ts'

/** Readings of the samples that no name of the system means; labels that the target has too become `exported_…`. */
export function unknownReadings(
  exposition: Exposition,
  system: SourceSystem | null,
  target: Labels,
): Reading[] {
  const known = system === null ? new Set<string>() : namesOf(system)
  return exposition.samples
    .filter(({ name }) => !known.has(name) && !isCreationTime(name, exposition))
    .map((sample) => ownReading(sample, exposition, target))
}

/** Each name that the system exports a metric of the catalogue under, with all parts of histograms. */
export function namesOf(system: SourceSystem): ReadonlySet<string> {
  const known = namesBySystem.get(system)
  if (known !== undefined) return known
  const names = new Set<string>()
  for (const alias of system.aliases) {
    const isHistogram = canonicalMetric(alias.metric)?.kind === 'histogram'
    for (const name of [alias.name, ...(alias.formerNames ?? [])]) {
      for (const part of isHistogram ? ['_sum', '_count', '_bucket'] : ['']) names.add(name + part)
    }
  }
  namesBySystem.set(system, names)
  return names
}

const namesBySystem = new WeakMap<SourceSystem, ReadonlySet<string>>()

/** Client libraries tell when each counter was created: a time, not a reading. */
export function isCreationTime(name: string, { types }: Exposition): boolean {
  if (!name.endsWith('_created')) return false
  const family = name.slice(0, -'_created'.length)
  return [family, `${family}_total`].some((candidate) => countingTypes.has(types.get(candidate)))
}

const countingTypes: ReadonlySet<string | undefined> = new Set(['counter', 'histogram', 'summary'])

function ownReading(sample: ExpositionSample, exposition: Exposition, target: Labels): Reading {
  const { name, labels, value, timestampMs } = sample
  const isBlank = isNotFinite(value)
  return {
    metric: name,
    canonical: name,
    unit: exposition.units.get(familyOf(name)) ?? exposition.units.get(name) ?? '',
    kind: kindOf(name, exposition),
    dimensions: Object.fromEntries(
      Object.entries(labels).map(([label, text]) => [
        Object.hasOwn(target, label) ? `exported_${label}` : label,
        text,
      ]),
    ),
    gpu: null,
    value: isBlank ? NaN : value,
    state: isBlank ? 'sentinel' : 'present',
    timestampMs,
    sourceName: name,
    quality: 'exact',
  }
}

function familyOf(name: string): string {
  return name.replace(/_(?:total|bucket|count|sum|info)$/, '')
}

function kindOf(name: string, { types }: Exposition): MetricKind {
  const type = types.get(name) ?? types.get(familyOf(name))
  if (type === 'histogram' || type === 'summary')
    return name === familyOf(name) ? 'gauge' : 'counter'
  if (type === 'info') return 'info'
  if (type === 'counter') return 'counter'
  return type === undefined && name.endsWith('_total') ? 'counter' : 'gauge'
}
