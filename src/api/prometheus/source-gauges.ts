// How fresh each source is, as gauges. What is not known has no series.
import { Gauge, Registry } from 'prom-client'
import type { SourceFreshness } from '../contract.ts'

/** Sources are found by discovery too: the number of their series is bounded. */
const mostSources = 500

/** Prometheus text of the sources' states. */
export async function sourceGauges(sources: readonly SourceFreshness[]): Promise<string> {
  const registry = new Registry()
  for (const { name, help, valueOf } of families) {
    const gauge = new Gauge({
      name: `equipoise_source_${name}`,
      help,
      labelNames: ['source', 'kind'],
      registers: [registry],
    })
    for (const source of sources.slice(0, mostSources)) {
      const value = valueOf(source)
      if (value !== null) gauge.set({ source: source.name, kind: source.kind }, value)
    }
  }
  return await registry.metrics()
}

interface Family {
  readonly name: string
  readonly help: string
  readonly valueOf: (source: SourceFreshness) => number | null
}

const families: readonly Family[] = [
  {
    name: 'up',
    help: '1 = the newest reading of the source succeeded and is fresh.',
    valueOf: ({ state }) => (state === 'waiting' ? null : state === 'ok' ? 1 : 0),
  },
  {
    name: 'last_success_timestamp_seconds',
    help: 'When the source was last read.',
    valueOf: ({ lastSuccessMs }) => (lastSuccessMs === null ? null : lastSuccessMs / 1_000),
  },
  {
    name: 'scrape_duration_seconds',
    help: 'Time that the newest scrape took.',
    valueOf: ({ scrape }) =>
      scrape === undefined || scrape.durationMs === null ? null : scrape.durationMs / 1_000,
  },
  {
    name: 'scrape_samples',
    help: 'Samples on the page at the newest scrape.',
    valueOf: ({ scrape }) => scrape?.samples ?? null,
  },
]
