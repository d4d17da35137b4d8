// The messages of the protocols as numbers and types: written down here once more, so that what is tested does not
// also make the bodies and the verdicts on them.

export type Scalar =
  | 'text'
  | 'id'
  | 'bytes'
  | 'bool'
  | 'varint'
  | 'sint'
  | 'fixed64'
  | 'double'
  | 'packedVarint'
  | 'packedFixed64'
  | 'packedDouble'

export interface FieldShape {
  readonly number: number
  /** A message is named lazily, since values hold values. */
  readonly type: Scalar | (() => Shape)
}

/** Fields by their JSON name. */
export type Shape = Readonly<Record<string, FieldShape>>

const field = (number: number, type: FieldShape['type']): FieldShape => ({ number, type })

const anyValue: Shape = {
  stringValue: field(1, 'text'),
  boolValue: field(2, 'bool'),
  intValue: field(3, 'varint'),
  doubleValue: field(4, 'double'),
  arrayValue: field(5, () => ({ values: field(1, () => anyValue) })),
  kvlistValue: field(6, () => ({ values: field(1, () => keyValue) })),
  bytesValue: field(7, 'bytes'),
}
const keyValue: Shape = { key: field(1, 'text'), value: field(2, () => anyValue) }
const attributes = (number: number): FieldShape => field(number, () => keyValue)

const resource: FieldShape = field(1, () => ({ attributes: attributes(1) }))
const scope: FieldShape = field(1, () => ({ name: field(1, 'text'), version: field(2, 'text') }))

const span: Shape = {
  traceId: field(1, 'id'),
  spanId: field(2, 'id'),
  parentSpanId: field(4, 'id'),
  name: field(5, 'text'),
  kind: field(6, 'varint'),
  startTimeUnixNano: field(7, 'fixed64'),
  endTimeUnixNano: field(8, 'fixed64'),
  attributes: attributes(9),
  events: field(11, () => ({
    timeUnixNano: field(1, 'fixed64'),
    name: field(2, 'text'),
    attributes: attributes(3),
  })),
  status: field(15, () => ({ message: field(2, 'text'), code: field(3, 'varint') })),
}

export const traces: Shape = {
  resourceSpans: field(1, () => ({
    resource,
    scopeSpans: field(2, () => ({ scope, spans: field(2, () => span) })),
  })),
}

export const logs: Shape = {
  resourceLogs: field(1, () => ({
    resource,
    scopeLogs: field(2, () => ({
      scope,
      logRecords: field(2, () => ({
        timeUnixNano: field(1, 'fixed64'),
        body: field(5, () => anyValue),
        attributes: attributes(6),
        traceId: field(9, 'id'),
        spanId: field(10, 'id'),
        observedTimeUnixNano: field(11, 'fixed64'),
        eventName: field(12, 'text'),
      })),
    })),
  })),
}

const times = {
  startTimeUnixNano: field(2, 'fixed64'),
  timeUnixNano: field(3, 'fixed64'),
}

const numberPoint: Shape = {
  ...times,
  asDouble: field(4, 'double'),
  asInt: field(6, 'fixed64'),
  attributes: attributes(7),
  flags: field(8, 'varint'),
}

const buckets: Shape = { offset: field(1, 'sint'), bucketCounts: field(2, 'packedVarint') }

const points = (shape: Shape): FieldShape => field(1, () => shape)

const metric: Shape = {
  name: field(1, 'text'),
  unit: field(3, 'text'),
  gauge: field(5, () => ({ dataPoints: points(numberPoint) })),
  sum: field(7, () => ({
    dataPoints: points(numberPoint),
    aggregationTemporality: field(2, 'varint'),
    isMonotonic: field(3, 'bool'),
  })),
  histogram: field(9, () => ({
    dataPoints: points({
      ...times,
      count: field(4, 'fixed64'),
      sum: field(5, 'double'),
      bucketCounts: field(6, 'packedFixed64'),
      explicitBounds: field(7, 'packedDouble'),
      attributes: attributes(9),
      flags: field(10, 'varint'),
    }),
    aggregationTemporality: field(2, 'varint'),
  })),
  exponentialHistogram: field(10, () => ({
    dataPoints: points({
      attributes: attributes(1),
      ...times,
      count: field(4, 'fixed64'),
      sum: field(5, 'double'),
      scale: field(6, 'sint'),
      zeroCount: field(7, 'fixed64'),
      positive: field(8, () => buckets),
      negative: field(9, () => buckets),
      flags: field(10, 'varint'),
    }),
    aggregationTemporality: field(2, 'varint'),
  })),
  summary: field(11, () => ({
    dataPoints: points({
      ...times,
      count: field(4, 'fixed64'),
      sum: field(5, 'double'),
      quantileValues: field(6, () => ({
        quantile: field(1, 'double'),
        value: field(2, 'double'),
      })),
      attributes: attributes(7),
      flags: field(8, 'varint'),
    }),
  })),
}

export const metrics: Shape = {
  resourceMetrics: field(1, () => ({
    resource,
    scopeMetrics: field(2, () => ({ scope, metrics: field(2, () => metric) })),
  })),
}

const sample: Shape = { value: field(1, 'double'), timestamp: field(2, 'varint') }

export const writeV1: Shape = {
  timeseries: field(1, () => ({
    labels: field(1, () => ({ name: field(1, 'text'), value: field(2, 'text') })),
    samples: field(2, () => sample),
  })),
  metadata: field(3, () => ({
    type: field(1, 'varint'),
    family: field(2, 'text'),
    unit: field(5, 'text'),
  })),
}

export const writeV2: Shape = {
  symbols: field(4, 'text'),
  timeseries: field(5, () => ({
    labels: field(1, 'packedVarint'),
    samples: field(2, () => sample),
    metadata: field(5, () => ({ type: field(1, 'varint'), unit: field(4, 'varint') })),
  })),
}
