// Write requests for tests, encoded by another library than the one under test.
import { compress } from 'snappyjs'
import { Writer } from 'protobufjs/minimal.js'

export interface TestSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples?: readonly (readonly [value: number | 'stale', timeMs: number])[]
  /** How many native histograms and exemplars it carries. */
  readonly histograms?: number
  readonly exemplars?: number
  /** Number of the metric's type; version 2 only. */
  readonly type?: number
}

export interface TestMetadata {
  readonly type: number
  readonly family: string
  readonly unit: string
}

/** `prometheus.WriteRequest`. */
export function encodeV1(
  series: readonly TestSeries[],
  metadata: readonly TestMetadata[] = [],
): Buffer {
  const writer = Writer.create()
  for (const one of series) {
    writer.uint32(0x0a).fork()
    for (const [name, value] of Object.entries(one.labels)) {
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim()
    }
    writeSamples(writer, one)
    for (let n = 0; n < (one.exemplars ?? 0); n += 1) writer.uint32(0x1a).bytes(Buffer.of(0x10, 1))
    for (let n = 0; n < (one.histograms ?? 0); n += 1) writer.uint32(0x22).bytes(Buffer.of(0x08, 1))
    writer.ldelim()
  }
  for (const { type, family, unit } of metadata) {
    writer.uint32(0x1a).fork().uint32(0x08).uint32(type).uint32(0x12).string(family)
    writer.uint32(0x22).string('Help.').uint32(0x2a).string(unit).ldelim()
  }
  return Buffer.from(writer.finish())
}

/** `io.prometheus.write.v2.Request`. */
export function encodeV2(series: readonly TestSeries[]): Buffer {
  const symbols = new Map([['', 0]])
  const refer = (text: string): number => {
    const reference = symbols.get(text) ?? symbols.size
    symbols.set(text, reference)
    return reference
  }
  const references = series.map(({ labels }) => Object.entries(labels).flat().map(refer))
  const writer = Writer.create()
  for (const text of symbols.keys()) writer.uint32(0x22).string(text)
  for (const [index, one] of series.entries()) {
    writer.uint32(0x2a).fork().uint32(0x0a).fork()
    for (const reference of references[index] ?? []) writer.uint32(reference)
    writer.ldelim()
    writeSamples(writer, one)
    for (let n = 0; n < (one.histograms ?? 0); n += 1) writer.uint32(0x1a).bytes(Buffer.of(0x08, 1))
    for (let n = 0; n < (one.exemplars ?? 0); n += 1) writer.uint32(0x22).bytes(Buffer.of(0x10, 1))
    if (one.type !== undefined) writer.uint32(0x2a).fork().uint32(0x08).uint32(one.type).ldelim()
    writer.ldelim()
  }
  return Buffer.from(writer.finish())
}

/** In snappy's block format. */
export function snappy(bytes: Buffer): Buffer {
  return Buffer.from(compress(new Uint8Array(bytes)))
}

function writeSamples(writer: Writer, { samples = [] }: TestSeries): void {
  for (const [value, timeMs] of samples) {
    writer.uint32(0x12).fork().uint32(0x09)
    if (value === 'stale') writer.fixed64(staleMarker)
    else writer.double(value)
    writer.uint32(0x10).int64(timeMs).ldelim()
  }
}

/** The NaN that Prometheus writes for a series that ended: 0x7ff0000000000002. */
const staleMarker = { low: 2, high: 0x7ff00000, unsigned: true }
