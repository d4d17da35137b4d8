// `prometheus.WriteRequest` of remote write 1.0.
import {
  checkItems,
  metricKind,
  mostLabelBytes,
  type Labels,
  type MetricMetadata,
  type WrittenRequest,
  type WrittenSample,
  type WrittenSeries,
} from './written-series.ts'
import { expectWithin, readCount, readEnd, readTag, readText, skipField, wireOf } from './wire.ts'
import type { Wire } from './wire.ts'
import { readSample } from './written-sample.ts'

/** Reads a request of version 1; throws a `UserError` on bytes that are none. */
export function readWriteRequestV1(bytes: Buffer): WrittenRequest {
  const wire = wireOf(bytes)
  const found: Found = { series: [], metadata: new Map(), items: 0, histograms: 0, exemplars: 0 }
  while (wire.at < bytes.length) {
    const tag = readTag(wire)
    if (tag === timeSeriesTag) found.series.push(readSeries(wire, bytes.length, found))
    else if (tag === metadataTag) readMetadata(wire, bytes.length, found)
    else skipField(wire, tag, bytes.length)
    found.items += 1
    checkItems(found.items)
  }
  expectWithin(wire, bytes.length)
  return found
}

interface Found {
  readonly series: WrittenSeries[]
  readonly metadata: Map<string, MetricMetadata>
  items: number
  histograms: number
  exemplars: number
}

const asMessage = (field: number) => (field << 3) | 2
const timeSeriesTag = asMessage(1)
const metadataTag = asMessage(3)

const labelsTag = asMessage(1)
const samplesTag = asMessage(2)
const exemplarsTag = asMessage(3)
const histogramsTag = asMessage(4)

/** Labels stand first and together, so their bytes are their key and are decoded once for all requests. */
function readSeries(wire: Wire, outerEnd: number, found: Found): WrittenSeries {
  const end = readEnd(wire, outerEnd)
  const start = wire.at
  const samples: WrittenSample[] = []
  const label: LabelRange = { from: 0, to: 0, earlier: '' }
  while (wire.at < end) {
    const at = wire.at
    const tag = readTag(wire)
    if (tag === samplesTag) {
      samples.push(readSample(wire, end))
      found.items += 1
      checkItems(found.items)
      continue
    }
    if (tag === exemplarsTag) found.exemplars += 1
    if (tag === histogramsTag) found.histograms += 1
    skipField(wire, tag, end)
    if (tag === labelsTag) noteLabel(wire, label, at)
  }
  expectWithin(wire, end)
  const isTooLong = label.to - label.from + label.earlier.length > mostLabelBytes
  return {
    key: isTooLong ? null : label.earlier + wire.bytes.toString('latin1', label.from, label.to),
    readLabels: () => readLabels(wireOf(wire.bytes), start, end),
    metadata: null,
    samples,
  }
}

interface LabelRange {
  from: number
  to: number
  /** Of ranges that other fields cut off. */
  earlier: string
}

function noteLabel(wire: Wire, label: LabelRange, at: number): void {
  if (label.to !== at) {
    // Past the bound nothing more is kept: the key is refused anyway.
    if (label.earlier.length <= mostLabelBytes) {
      label.earlier += wire.bytes.toString(
        'latin1',
        label.from,
        Math.min(label.to, label.from + mostLabelBytes),
      )
    }
    label.from = at
  }
  label.to = wire.at
}

function readLabels(wire: Wire, start: number, end: number): Labels {
  const labels: [string, string][] = []
  wire.at = start
  while (wire.at < end) {
    const tag = readTag(wire)
    if (tag === labelsTag) labels.push(readLabel(wire, end))
    else skipField(wire, tag, end)
  }
  return Object.fromEntries(labels)
}

const nameTag = asMessage(1)
const valueTag = asMessage(2)

function readLabel(wire: Wire, outerEnd: number): [string, string] {
  const end = readEnd(wire, outerEnd)
  const pair: [string, string] = ['', '']
  while (wire.at < end) {
    const tag = readTag(wire)
    if (tag === nameTag) pair[0] = readText(wire, end)
    else if (tag === valueTag) pair[1] = readText(wire, end)
    else skipField(wire, tag, end)
  }
  expectWithin(wire, end)
  return pair
}

const typeTag = 1 << 3
const familyTag = asMessage(2)
const unitTag = asMessage(5)

function readMetadata(wire: Wire, outerEnd: number, found: Found): void {
  const end = readEnd(wire, outerEnd)
  let [family, unit, type] = ['', '', 0]
  while (wire.at < end) {
    const tag = readTag(wire)
    if (tag === typeTag) type = readCount(wire)
    else if (tag === familyTag) family = readText(wire, end)
    else if (tag === unitTag) unit = readText(wire, end)
    else skipField(wire, tag, end)
  }
  expectWithin(wire, end)
  found.metadata.set(family, { kind: metricKind(type), unit })
}
