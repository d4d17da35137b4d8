// Data points of one place and moment to samples: in the canonical vocabulary where a name is known, else under their own.
import type { Sample, Series } from '../../../records/sample.ts'
import type { Alias, SourceSystem } from '../../../vocabulary/aliases/alias.ts'
import { sourceSystems } from '../../../vocabulary/aliases/registry.ts'
import { canonicalMetric } from '../../../vocabulary/metrics.ts'
import type { ExpositionSample } from '../../prometheus/exposition.ts'
import { grouped, type Reading } from '../../prometheus/reading.ts'
import { nameOfPart, partsOf, readingOf, readingsOf, type Part } from '../../prometheus/readings.ts'
import type { Settings } from '../settings.ts'
import type { FlatSample } from './flat-sample.ts'
import { placeOfGpuPoint, type PointPlace } from './place.ts'

/** Samples that share a place and a time. */
export interface Moment {
  readonly place: PointPlace
  readonly timeMs: number
  readonly samples: readonly FlatSample[]
}

/** The samples of a moment. A name that an alias means is stored under the canonical name only. */
export function samplesOf(moment: Moment, settings: Settings): Sample[] {
  const bySystem = grouped(moment.samples, (sample) => systemOf(sample)?.name ?? '')
  return [...bySystem].flatMap(([name, samples]) => {
    const system = sourceSystems.find((candidate) => candidate.name === name)
    if (system === undefined) return samples.map((sample) => ownSample(sample, moment, settings))
    const plain = samples.filter((sample) => !isExponential(sample))
    const exposition = {
      samples: plain.map(expositionSample),
      types: new Map(),
      badLines: [],
      badLineCount: 0,
    }
    return [
      ...readingsOf(exposition, system).map((reading) => placed(reading, moment, settings)),
      ...exponentialReadings(samples.filter(isExponential), system).map((reading) =>
        placed(reading, moment, settings),
      ),
    ]
  })
}

/** Which system means the sample by its name and labels; `null` = none does. */
function systemOf({ name, labels }: FlatSample): SourceSystem | null {
  const known = aliasesByName.get(name)?.find(({ alias }) => isMeant(alias, labels))
  return known === undefined ? null : known.system
}

function isMeant({ where = {} }: Alias, labels: FlatSample['labels']): boolean {
  return Object.entries(where).every(([label, pattern]) => pattern.test(labels[label] ?? ''))
}

interface KnownName {
  readonly alias: Alias
  readonly system: SourceSystem
}

const exponentialSuffix = '_exponential'
const isExponential = (sample: FlatSample) => sample.name.endsWith(exponentialSuffix)

/** Every name, with the suffixes of its parts, that some system has an alias for. */
const aliasesByName: ReadonlyMap<string, readonly KnownName[]> = grouped(
  sourceSystems.flatMap((system) =>
    system.aliases.flatMap((alias) =>
      [alias.name, ...(alias.formerNames ?? [])].flatMap((name) =>
        suffixesOf(alias).map((suffix) => ({
          name: suffix === exponentialSuffix ? name + suffix : nameOfPart(alias, name, suffix),
          alias,
          system,
        })),
      ),
    ),
  ),
  ({ name }) => name,
)

/** Buckets that a system does not keep are taken by its alias all the same: they have no name of their own. */
function suffixesOf(alias: Alias): readonly (Part | typeof exponentialSuffix)[] {
  return canonicalMetric(alias.metric)?.kind === 'histogram'
    ? ['_sum', '_count', '_bucket', exponentialSuffix]
    : partsOf(alias)
}

function expositionSample({ name, labels, value, timeMs, isBlank }: FlatSample): ExpositionSample {
  return { name, labels, value: isBlank ? NaN : value, timestampMs: timeMs }
}

/** Each bucket under the first alias that means it, with its scale and index; equal ones are summed. */
function exponentialReadings(samples: readonly FlatSample[], system: SourceSystem): Reading[] {
  const readings = new Map<string, Reading>()
  for (const sample of samples) {
    const known = aliasesByName.get(sample.name)?.find((one) => isMeant(one.alias, sample.labels))
    if (known === undefined) continue
    const count = readingOf({
      alias: known.alias,
      system,
      part: '_count',
      sample: expositionSample(sample),
    })
    if (count === null) continue
    const { scale = '', bucket = '', threshold } = sample.labels
    const metric = count.canonical + exponentialSuffix
    const zero = threshold === undefined ? {} : { threshold }
    const dimensions = { ...count.dimensions, scale, bucket, ...zero }
    const key = JSON.stringify([metric, Object.entries(dimensions)])
    const value = (readings.get(key)?.value ?? 0) + count.value
    readings.set(key, { ...count, metric, dimensions, value })
  }
  return [...readings.values()]
}

function placed(reading: Reading, { place, timeMs }: Moment, settings: Settings): Sample {
  const { gpu, metric, unit, kind, value, state } = reading
  const { namespace, dimensions } =
    gpu === null ? place : placeOfGpuPoint(settings.fleet, gpu, place.host)
  const series: Series = {
    project: settings.project,
    namespace,
    metric,
    dimensions: { ...dimensions, ...reading.dimensions },
    unit,
    kind,
  }
  return { series, timeMs: Math.floor(timeMs), value, state }
}

/** Labels that name a GPU: its place says it. */
const gpuNames = new Set(['hostname', 'UUID', 'gpu'])

function ownSample(sample: FlatSample, moment: Moment, settings: Settings): Sample {
  const { name, unit, kind, labels, value, isBlank, timeMs } = sample
  const { UUID: uuid = '', gpu: index, hostname: host = '' } = labels
  const place =
    uuid === '' && index === undefined
      ? moment.place
      : placeOfGpuPoint(settings.fleet, { uuid, index: indexOf(index), host }, moment.place.host)
  const isPresent = !isBlank && Number.isFinite(value)
  const own = Object.entries(labels).filter(([label]) => !gpuNames.has(label))
  const series: Series = {
    project: settings.project,
    namespace: place.namespace,
    metric: name.slice(0, 200),
    dimensions: { ...Object.fromEntries(own), ...place.dimensions },
    unit: unit.slice(0, 60),
    kind,
  }
  return {
    series,
    timeMs: Math.floor(timeMs),
    value: isPresent ? value : NaN,
    state: isPresent ? 'present' : 'sentinel',
  }
}

function indexOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : null
}
