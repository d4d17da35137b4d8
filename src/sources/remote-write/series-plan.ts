// What becomes of the samples of one series, decided once: which canonical series, how values are converted.
import type { MetricKind, Sample, Series } from '../../records/sample.ts'
import { isNotFinite } from '../../vocabulary/aliases/alias.ts'
import { readingOf } from '../prometheus/readings.ts'
import type { Reading } from '../prometheus/reading.ts'
import { meaningsOf, type Meaning } from './catalogue.ts'
import type { Claim, Claims } from './claims.ts'
import { placeOfExporter, placeOfServer, type FleetAddresses } from './target-place.ts'
import type { Target } from './targets.ts'
import type { Labels, MetricMetadata, WrittenSample } from './written-series.ts'

/** One canonical series that a written series feeds. */
export interface Output {
  readonly series: Series
  /** Only who holds it writes; `null` = nobody else can. */
  readonly claim: Claim | null
  readonly convert: (value: number) => number
  /** What `convert` multiplies by; `null` = it does something else. */
  readonly factor: number | null
  readonly isSentinel: (value: number) => boolean
}

export interface PlanContext {
  readonly project: string
  readonly addresses: FleetAddresses
  readonly claims: Claims
}

export interface Subject {
  readonly key: string
  readonly labels: Labels
  readonly target: Target
  readonly metadata: MetricMetadata | null
}

/** The series that a written one feeds: canonical ones where the catalogue has its name, else one of its own. */
export function outputsOf(context: PlanContext, subject: Subject): Output[] {
  const name = subject.labels['__name__'] ?? ''
  const canonical = meaningsOf(name)
    .filter((meaning) => !meaning.isCommonName || subject.target.system === meaning.system)
    .flatMap((meaning) => canonicalOutput(context, subject, meaning) ?? [])
  return canonical.length > 0 ? canonical : [ownOutput(context, subject, name)]
}

/** The sample that an output makes of a written one; `null` when a preferred source already gives it. */
export function sampleOf(
  output: Output,
  written: WrittenSample,
  staleAfterMs: number,
): Sample | null {
  const { series, claim, isSentinel, convert } = output
  const { timeMs, value, isStale } = written
  if (claim !== null && !claim.mayWrite(timeMs, isStale, staleAfterMs)) return null
  if (isStale) return { series, timeMs, value: NaN, state: 'stale' }
  // A blank has no value: whoever forgets to look at the state must not find a number.
  if (isSentinel(value)) return { series, timeMs, value: NaN, state: 'sentinel' }
  const converted = convert(value)
  return Number.isFinite(converted)
    ? { series, timeMs, value: converted, state: 'present' }
    : { series, timeMs, value: NaN, state: 'sentinel' }
}

function canonicalOutput(
  { project, addresses, claims }: PlanContext,
  { key, labels, target }: Subject,
  meaning: Meaning,
): Output | null {
  const { system, alias, part, rank } = meaning
  const sample = { name: meaning.name + part, labels, value: 1, timestampMs: null }
  const reading = readingOf({ alias, system, part, sample })
  if (reading === null) return null
  const place =
    system.target === 'copy'
      ? placeOfServer(addresses, labels, target.model)
      : placeOfExporter(addresses, labels, reading)
  const { namespace } = place
  const series: Series = {
    project,
    namespace,
    metric: reading.metric,
    dimensions: { ...partition(meaning, labels), ...place.dimensions, ...reading.dimensions },
    unit: reading.unit,
    kind: reading.kind,
  }
  const combine = alias.combine ?? system.combine
  const claim = claims.of(groupOf(namespace, place.dimensions, reading), {
    // Series that are added up share a name; of those that stand for the same thing one holds it.
    holder: combine === 'first' ? key : meaning.name,
    rank,
  })
  return { series, claim, ...conversion(meaning, reading) }
}

/** Values of labels are what they are; those of samples are blank in the system's own way. */
function conversion(
  { alias, system, part }: Meaning,
  reading: Reading,
): Pick<Output, 'convert' | 'factor' | 'isSentinel'> {
  if (alias.productOf !== undefined) {
    return {
      convert: () => reading.value,
      factor: null,
      isSentinel: () => reading.state === 'sentinel',
    }
  }
  const isCount = part === '_count' || part === '_bucket'
  const factor = isCount ? 1 : (alias.factor ?? 1)
  return { convert: (value) => value * factor, factor, isSentinel: system.isSentinel }
}

function groupOf(namespace: string, place: Labels, reading: Reading): string {
  const { le: _, quality: __, ...dimensions } = reading.dimensions
  return JSON.stringify([namespace, Object.entries(place), reading.canonical, dimensions])
}

/** What Prometheus and its operators say of the target, not of the reading. */
const targetLabels: ReadonlySet<string> = new Set(
  '__name__ __replica__ job instance namespace pod container service endpoint node hostname host cluster region zone prometheus prometheus_replica replica model model_name le'.split(
    ' ',
  ),
)

/**
 * A scrape adds up source series that differ in labels without a canonical name. Their parts come in requests of
 * their own here, so they stay apart by these labels and whoever reads them adds them up: series partition a metric.
 */
function partition({ alias, system }: Meaning, labels: Labels): Labels {
  if ((alias.combine ?? system.combine) === 'first') return {}
  const named = new Set([
    ...Object.keys({ ...system.labels, ...alias.labels }),
    ...(alias.productOf ?? []),
  ])
  // The labels of an info metric are what it says.
  if (alias.productOf !== undefined) return {}
  return Object.fromEntries(
    Object.entries(labels).filter(([label]) => !targetLabels.has(label) && !named.has(label)),
  )
}

/** A name that no system of the catalogue has: kept as it is. */
function ownOutput({ project }: PlanContext, { labels, metadata }: Subject, name: string): Output {
  const { __name__: _, ...dimensions } = labels
  return {
    series: {
      project,
      namespace: `/prometheus/${labels['job'] ?? 'unknown'}`,
      metric: name,
      dimensions,
      unit: metadata?.unit ?? '',
      kind: kindOf(name, metadata),
    },
    claim: null,
    convert: (value) => value,
    factor: 1,
    isSentinel: isNotFinite,
  }
}

function kindOf(name: string, metadata: MetricMetadata | null): MetricKind {
  if (/_(?:bucket|count|sum)$/.test(name)) return 'counter'
  return metadata?.kind ?? (name.endsWith('_total') ? 'counter' : 'gauge')
}
