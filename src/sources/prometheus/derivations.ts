import type { Derivation, SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { canonicalMetric } from '../../vocabulary/metrics.ts'
import { grouped, placeKey, type Reading } from './reading.ts'

/** Readings of metrics that no name gives, summed up from those that do; only where all parts are present. */
export function derivedReadings(readings: readonly Reading[], system: SourceSystem): Reading[] {
  const places = grouped(
    readings.filter((reading) => reading.state === 'present'),
    placeKey,
  )
  return [...places.values()].flatMap((group) => derivedOfPlace(group, system.derivations))
}

function derivedOfPlace(group: readonly Reading[], derivations: readonly Derivation[]): Reading[] {
  const byMetric = new Map(group.map((reading) => [reading.metric, reading]))
  const derived = new Map<string, Reading>()
  for (const derivation of derivations) {
    if (byMetric.has(derivation.metric) || derived.has(derivation.metric)) continue
    const reading = sum(derivation, byMetric)
    if (reading !== null) derived.set(derivation.metric, reading)
  }
  return [...derived.values()]
}

function sum(derivation: Derivation, byMetric: ReadonlyMap<string, Reading>): Reading | null {
  const { metric, sumOf, quality } = derivation
  const parts = sumOf.flatMap((name) => byMetric.get(name) ?? [])
  const first = parts[0]
  if (first === undefined || parts.length < sumOf.length) return null
  const value = parts.reduce((total, reading) => total + reading.value, 0)
  if (!Number.isFinite(value)) return null
  return {
    ...first,
    metric,
    canonical: metric,
    unit: canonicalMetric(metric)?.unit ?? first.unit,
    dimensions: { ...first.dimensions, quality },
    value,
    sourceName: parts.map((reading) => reading.sourceName).join(' + '),
    quality,
  }
}
