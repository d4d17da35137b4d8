// What a person should know of a target.
import { sourceSystems } from '../../vocabulary/aliases/registry.ts'
import type { Exposition } from './exposition.ts'
import type { TargetSubject } from './placement.ts'
import type { TargetReadings } from './target-readings.ts'

/** How one metric of a target is to be had. */
export interface MetricReport {
  readonly metric: string
  /** Name that the target gives it; empty when it is absent. */
  readonly sourceName: string
  readonly quality: string
  readonly state: 'present' | 'sentinel' | 'absent'
}

/** What is known of a target. All times epoch ms; `null` = never. */
export interface TargetStatus {
  readonly name: string
  /** Empty = not recognised. */
  readonly system: string
  readonly lastAttemptMs: number | null
  readonly lastSuccessMs: number | null
  /** Why the newest attempt failed; `null` = it did not. */
  readonly failure: string | null
  /** What a person should know although the scrape succeeded; may be empty. */
  readonly remark: string
  readonly metrics: readonly MetricReport[]
  /** Of the newest attempt, in milliseconds. */
  readonly durationMs: number | null
  /** Samples on the page at the newest attempt; `null` = no page came. */
  readonly samples: number | null
}

/** Status of a target that was not scraped yet. */
export function untried(name: string, subject: TargetSubject): TargetStatus {
  const system = sourceSystems.find((candidate) => candidate.target === subject.kind)
  return {
    name,
    system: system?.name ?? '',
    lastAttemptMs: null,
    lastSuccessMs: null,
    failure: null,
    remark: '',
    metrics: [],
    durationMs: null,
    samples: null,
  }
}

/** Why a page that could be read says nothing; `null` = it says something. */
export function failureOf({ readings, system }: TargetReadings): string | null {
  if (readings.length > 0) return null
  const names = sourceSystems
    .filter((candidate) => system === null || candidate.target === system.target)
    .map((candidate) => candidate.name)
  return `exports metrics, but none of a known system (${names.join(', ')})`
}

/** Lines that cost themselves and GPUs that the fleet does not have; may be empty. */
export function remarkOf(exposition: Exposition, read: TargetReadings): string {
  const [first] = exposition.badLines
  const bad =
    first === undefined
      ? []
      : [`${exposition.badLineCount} unreadable, first line ${first.line}: ${first.reason}`]
  return [...bad, ...strangersOf(read.unknownGpus)].join('; ')
}

/** A page may name thousands, and each at any length. */
const namedStrangers = 8
const longestName = 64

function strangersOf(gpus: readonly string[]): string[] {
  const named = gpus
    .slice(0, namedStrangers)
    .map((gpu) => `GPU ${gpu.slice(0, longestName)} is not in the fleet`)
  const others = gpus.length - named.length
  return others === 0 ? named : [...named, `nor are ${others} more`]
}

/** Each canonical metric that the target gives or lacks. */
export function metricReports(read: TargetReadings): MetricReport[] {
  const reports = new Map<string, MetricReport>()
  for (const series of read.absent.values()) {
    const metric = series.metric.replace(/_count$/, '')
    reports.set(metric, { metric, sourceName: '', quality: '', state: 'absent' })
  }
  for (const { source } of read.readings) {
    const known = reports.get(source.canonical)
    if (known?.state === 'present') continue
    const { canonical: metric, quality, state } = source
    const isPart = source.metric !== metric
    const sourceName = source.sourceName.replace(isPart ? /_(sum|count|bucket)$/ : /^$/, '')
    reports.set(metric, { metric, sourceName, quality, state })
  }
  return [...reports.values()]
}
