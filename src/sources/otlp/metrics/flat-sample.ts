// A data point of any type as flat samples, in the form in which exporters of Prometheus write it.
import type { MetricKind } from '../../../records/sample.ts'
import { asText } from '../facts.ts'
import type { Attributes } from '../wire/any-value.ts'
import type {
  Buckets,
  ExponentialPoint,
  HistogramPoint,
  Metric,
  NumberPoint,
  SummaryPoint,
} from '../wire/metric-messages.ts'

/** One number of a data point. */
export interface FlatSample {
  /** Name of the metric, with `_sum`, `_count`, `_bucket` or `_exponential` for a part. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly kind: MetricKind
  readonly unit: string
  readonly value: number
  /** Epoch milliseconds. */
  readonly timeMs: number
  /** Since when a total counts; 0 = not said. */
  readonly startMs: number
  /** Whether the value is what was added since `startMs`, and not a total. */
  readonly isDelta: boolean
  /** Set by the source to say that the series has ended. */
  readonly isBlank: boolean
}

/** A point that becomes samples, for those that reject some. */
export interface FlatPoint {
  readonly attributes: Attributes
  readonly timeMs: number
  readonly samples: readonly FlatSample[]
}

/** All points of a metric. Nothing of a point is rounded or thrown away but its exemplars, minimum and maximum. */
export function flatPoints(metric: Metric): FlatPoint[] {
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric
  return [
    ...points(metric, gauge, 0, numberParts('gauge')),
    ...points(
      metric,
      sum,
      sum?.aggregationTemporality ?? 0,
      numberParts(sum?.isMonotonic === true ? 'counter' : 'gauge'),
    ),
    ...points(metric, histogram, histogram?.aggregationTemporality ?? 0, histogramParts),
    ...points(
      metric,
      exponentialHistogram,
      exponentialHistogram?.aggregationTemporality ?? 0,
      exponentialParts,
    ),
    ...points(metric, summary, 0, summaryParts),
  ]
}

/** Name, extra labels, value and kind of one number of a point. */
interface Part {
  readonly suffix: string
  readonly value: number
  readonly kind: MetricKind
  readonly labels?: Readonly<Record<string, string>>
}

interface Point {
  readonly attributes: Attributes
  readonly startTimeUnixNano: number
  readonly timeUnixNano: number
  readonly flags: number
}

const deltaTemporality = 1

function points<Type extends Point>(
  metric: Metric,
  data: { readonly dataPoints: readonly Type[] } | null,
  temporality: number,
  partsOf: (point: Type) => readonly Part[],
): FlatPoint[] {
  return (data?.dataPoints ?? []).map((point) => {
    const labels = labelsOf(point.attributes)
    const samples = partsOf(point).map((part) => ({
      name: metric.name + part.suffix,
      labels: part.labels === undefined ? labels : { ...labels, ...part.labels },
      kind: part.kind,
      unit: isCount(part.suffix) ? '1' : metric.unit,
      value: part.value,
      timeMs: point.timeUnixNano,
      startMs: point.startTimeUnixNano,
      isDelta: temporality === deltaTemporality,
      isBlank: (point.flags & 1) === 1,
    }))
    return { attributes: point.attributes, timeMs: point.timeUnixNano, samples }
  })
}

const isCount = (suffix: string) => suffix !== '' && suffix !== '_sum'

function numberParts(kind: MetricKind): (point: NumberPoint) => readonly Part[] {
  return (point) => [{ suffix: '', kind, value: point.asDouble ?? point.asInt ?? NaN }]
}

function totals({ count, sum }: { readonly count: number; readonly sum: number | null }): Part[] {
  const counted: Part = { suffix: '_count', kind: 'counter', value: count }
  // A sum may be left out, and must be where there are negative values.
  return sum === null ? [counted] : [counted, { suffix: '_sum', kind: 'counter', value: sum }]
}

/** Buckets count everything up to their bound, as in Prometheus. */
function histogramParts(point: HistogramPoint): readonly Part[] {
  let below = 0
  const buckets = point.bucketCounts.map((count, index): Part => {
    below += count
    const bound = point.explicitBounds[index]
    const le = bound === undefined ? '+Inf' : String(bound)
    return { suffix: '_bucket', kind: 'counter', value: below, labels: { le } }
  })
  return [...totals(point), ...buckets]
}

/**
 * Each bucket is a counter of its own under its scale and index, so nothing of the histogram is lost:
 * bucket `i` of scale `s` holds values in (b^i, b^(i+1)] with b = 2^(2^-s). A bucket that is not there counted 0.
 * The zero bucket holds values up to `threshold` from zero, which is 0 where it is not said.
 */
function exponentialParts(point: ExponentialPoint): readonly Part[] {
  const scale = String(point.scale)
  const part = (
    bucket: string,
    value: number,
    more: Readonly<Record<string, string>> = {},
  ): Part => ({
    suffix: '_exponential',
    kind: 'counter',
    value,
    labels: { scale, bucket, ...more },
  })
  const side = (buckets: Buckets | null, sign: string) =>
    (buckets?.bucketCounts ?? []).flatMap((count, index) =>
      count === 0 ? [] : [part(`${sign}${(buckets?.offset ?? 0) + index}`, count)],
    )
  const { zeroCount, zeroThreshold } = point
  const threshold = zeroThreshold === 0 ? {} : { threshold: String(zeroThreshold) }
  const zero = zeroCount === 0 && zeroThreshold === 0 ? [] : [part('zero', zeroCount, threshold)]
  return [
    ...totals(point),
    ...zero,
    ...side(point.positive, ''),
    ...side(point.negative, 'negative:'),
  ]
}

function summaryParts(point: SummaryPoint): readonly Part[] {
  const quantiles = point.quantileValues.map(({ quantile, value }): Part => ({
    suffix: '',
    kind: 'gauge',
    value,
    labels: { quantile: String(quantile) },
  }))
  return [...totals(point), ...quantiles]
}

const mostLabels = 32

function labelsOf(attributes: Attributes): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...attributes]
      .slice(0, mostLabels)
      .map(([key, value]) => [key.slice(0, 200), asText(value).slice(0, 200)]),
  )
}
