// opentelemetry/proto/metrics/v1, as far as it is used here.
import { attributes } from './any-value.ts'
import { list, numbers, one, optional, plain } from './fields.ts'
import { message, type Message } from './message.ts'
import {
  boolScalar,
  doubleScalar,
  fixed64Scalar,
  sfixed64Scalar,
  sint32Scalar,
  textScalar,
  timeScalar,
  uintScalar,
  varint64Scalar,
} from './scalars.ts'
import { resource, scope } from './trace-messages.ts'

type ValueOf<Type> = Type extends Message<infer Value> ? Value : never

const times = { startTimeUnixNano: plain(2, timeScalar), timeUnixNano: plain(3, timeScalar) }
const totals = { count: plain(4, fixed64Scalar), sum: optional(5, doubleScalar) }

const numberPoint = message({
  ...times,
  asDouble: optional(4, doubleScalar),
  asInt: optional(6, sfixed64Scalar),
  attributes: attributes(7),
  flags: plain(8, uintScalar),
})

const histogramPoint = message({
  ...times,
  ...totals,
  bucketCounts: numbers(6, fixed64Scalar),
  explicitBounds: numbers(7, doubleScalar),
  attributes: attributes(9),
  flags: plain(10, uintScalar),
})

const buckets = message({
  offset: plain(1, sint32Scalar),
  bucketCounts: numbers(2, varint64Scalar),
})

const exponentialPoint = message({
  attributes: attributes(1),
  ...times,
  ...totals,
  scale: plain(6, sint32Scalar),
  zeroCount: plain(7, fixed64Scalar),
  positive: one(8, buckets),
  negative: one(9, buckets),
  flags: plain(10, uintScalar),
  zeroThreshold: plain(14, doubleScalar),
})

const quantile = message({ quantile: plain(1, doubleScalar), value: plain(2, doubleScalar) })

const summaryPoint = message({
  ...times,
  ...totals,
  quantileValues: list(6, quantile),
  attributes: attributes(7),
  flags: plain(8, uintScalar),
})

const temporality = { aggregationTemporality: plain(2, uintScalar) }

const metric = message({
  name: plain(1, textScalar),
  unit: plain(3, textScalar),
  gauge: one(5, message({ dataPoints: list(1, numberPoint) })),
  sum: one(
    7,
    message({
      dataPoints: list(1, numberPoint),
      ...temporality,
      isMonotonic: plain(3, boolScalar),
    }),
  ),
  histogram: one(9, message({ dataPoints: list(1, histogramPoint), ...temporality })),
  exponentialHistogram: one(10, message({ dataPoints: list(1, exponentialPoint), ...temporality })),
  summary: one(11, message({ dataPoints: list(1, summaryPoint) })),
})

const scopeMetrics = message({ scope: one(1, scope), metrics: list(2, metric) })
const resourceMetrics = message({ resource: one(1, resource), scopeMetrics: list(2, scopeMetrics) })

export const metricsRequest = message({ resourceMetrics: list(1, resourceMetrics) })

/** Times are epoch milliseconds, whatever the field is called. */
export type Metric = ValueOf<typeof metric>
export type NumberPoint = ValueOf<typeof numberPoint>
export type HistogramPoint = ValueOf<typeof histogramPoint>
export type ExponentialPoint = ValueOf<typeof exponentialPoint>
export type SummaryPoint = ValueOf<typeof summaryPoint>
export type Buckets = ValueOf<typeof buckets>
export type MetricsRequest = ValueOf<typeof metricsRequest>
