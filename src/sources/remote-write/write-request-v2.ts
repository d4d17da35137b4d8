// `io.prometheus.write.v2.Request` of remote write 2.0: strings stand once in a table and are referred to.
import { UserError } from '../../records/failure.ts'
import type { NumberOf } from './numbering.ts'
import {
  expectWithin,
  readCount,
  readEnd,
  readTag,
  readText,
  skipField,
  wireOf,
  type Wire,
} from './wire.ts'
import { readSample } from './written-sample.ts'
import {
  checkAmount,
  checkItems,
  metricKind,
  mostLabelBytes,
  type Labels,
  type MetricMetadata,
  type WrittenRequest,
  type WrittenSample,
  type WrittenSeries,
} from './written-series.ts'

/** Reads a request of version 2; throws a `UserError` on bytes that are none. */
export function readWriteRequestV2(bytes: Buffer, numberOf: NumberOf): WrittenRequest {
  const wire = wireOf(bytes)
  const found: Found = {
    symbols: [],
    numbers: [],
    numberOf,
    series: [],
    items: 0,
    references: 0,
    key: { scratch: Buffer.allocUnsafe(4 * (mostLabelBytes + 1)), strings: 0, bytes: 0 },
    histograms: 0,
    exemplars: 0,
  }
  const starts: number[] = []
  while (wire.at < bytes.length) {
    const tag = readTag(wire)
    if (tag === symbolsTag) found.symbols.push(readText(wire, bytes.length))
    else if (tag === timeSeriesTag) {
      starts.push(wire.at)
      wire.at = readEnd(wire, bytes.length)
    } else skipField(wire, tag, bytes.length)
    found.items += 1
    checkItems(found.items)
  }
  expectWithin(wire, bytes.length)
  for (const text of found.symbols) found.numbers.push(numberOf(text))
  // Only now every symbol is known: fields may stand in any order.
  for (const start of starts) {
    wire.at = start
    found.series.push(readSeries(wire, bytes.length, found))
  }
  const { series, histograms, exemplars } = found
  return { series, metadata: new Map(), histograms, exemplars }
}

interface Found {
  readonly symbols: string[]
  /** Of the symbols, in their order. */
  readonly numbers: number[]
  readonly numberOf: NumberOf
  readonly series: WrittenSeries[]
  items: number
  references: number
  readonly key: KeyInMaking
  histograms: number
  exemplars: number
}

/** The labels of the series that is being read, as the numbers of their strings. */
interface KeyInMaking {
  readonly scratch: Buffer
  strings: number
  /** Of the strings and what stands between them. */
  bytes: number
}

/** A reference may take a single byte. */
const mostReferences = 4_000_000

const asMessage = (field: number) => (field << 3) | 2
const symbolsTag = asMessage(4)
const timeSeriesTag = asMessage(5)

const labelsTag = asMessage(1)
const lonelyLabelTag = 1 << 3
const samplesTag = asMessage(2)
const histogramsTag = asMessage(3)
const exemplarsTag = asMessage(4)
const metadataTag = asMessage(5)

function readSeries(wire: Wire, outerEnd: number, found: Found): WrittenSeries {
  const end = readEnd(wire, outerEnd)
  const start = wire.at
  const samples: WrittenSample[] = []
  let metadata: MetricMetadata | null = null
  const { key } = found
  key.strings = 0
  key.bytes = 0
  while (wire.at < end) {
    const tag = readTag(wire)
    if (tag === samplesTag) samples.push(readSample(wire, end))
    else if (tag === labelsTag) addReferences(wire, end, found)
    else if (tag === lonelyLabelTag) addReference(found, readCount(wire))
    else if (tag === metadataTag) metadata = readMetadata(wire, end, found)
    else {
      if (tag === exemplarsTag) found.exemplars += 1
      if (tag === histogramsTag) found.histograms += 1
      skipField(wire, tag, end)
    }
    found.items += 1
    checkItems(found.items)
  }
  expectWithin(wire, end)
  if (key.strings % 2 === 1) throw malformed('has a label without a value')
  return {
    key: keyOf(found, metadata),
    readLabels: () => readLabels({ ...wire, at: start }, end, found.symbols),
    metadata,
    samples,
  }
}

/** References are a packed list. */
function addReferences(wire: Wire, outerEnd: number, found: Found): void {
  const end = readEnd(wire, outerEnd)
  while (wire.at < end) addReference(found, readCount(wire))
  expectWithin(wire, end)
}

function addReference(found: Found, reference: number): void {
  const { key, numbers } = found
  found.references += 1
  checkAmount('label references', found.references, mostReferences)
  key.bytes += symbol(found.symbols, reference).length + 1
  if (key.bytes <= mostLabelBytes) {
    key.scratch.writeUInt32LE(numbers[reference] ?? 0, 4 * key.strings)
  }
  key.strings += 1
}

/** The numbers of the strings: short, and unlike for unlike labels. `null` = the labels are too long. */
function keyOf({ key, numberOf }: Found, metadata: MetricMetadata | null): string | null {
  const { scratch, strings, bytes } = key
  if (bytes > mostLabelBytes) return null
  const declared = metadata === null ? 0 : numberOf(`${metadata.kind ?? ''} ${metadata.unit}`)
  const end = scratch.writeUInt32LE(declared, 4 * strings)
  return scratch.toString('latin1', 0, end)
}

/** The labels of a series that is met for the first time. */
function readLabels(wire: Wire, end: number, symbols: readonly string[]): Labels {
  const strings: string[] = []
  while (wire.at < end) {
    const tag = readTag(wire)
    if (tag === lonelyLabelTag) strings.push(symbol(symbols, readCount(wire)))
    else if (tag === labelsTag) {
      const last = readEnd(wire, end)
      while (wire.at < last) strings.push(symbol(symbols, readCount(wire)))
    } else skipField(wire, tag, end)
  }
  const names = strings.filter((_, index) => index % 2 === 0)
  return Object.fromEntries(names.map((name, index) => [name, strings[2 * index + 1] ?? '']))
}

function symbol(symbols: readonly string[], reference: number): string {
  const text = symbols[reference]
  if (text === undefined) throw malformed(`refers to symbol ${reference} of ${symbols.length}`)
  return text
}

const typeTag = 1 << 3
const unitTag = 4 << 3

function readMetadata(wire: Wire, outerEnd: number, found: Found): MetricMetadata {
  const end = readEnd(wire, outerEnd)
  let [type, unit] = [0, '']
  while (wire.at < end) {
    const tag = readTag(wire)
    if (tag === typeTag) type = readCount(wire)
    else if (tag === unitTag) unit = symbol(found.symbols, readCount(wire))
    else skipField(wire, tag, end)
  }
  expectWithin(wire, end)
  return { kind: metricKind(type), unit }
}

function malformed(reason: string): UserError {
  return new UserError(`the body is no write request: it ${reason}`, { code: 'malformed_body' })
}
