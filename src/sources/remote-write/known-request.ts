// Fast path of `prometheus.WriteRequest`: a request that says nothing but samples of series met before.
import type { LabelTable } from './label-table.ts'

/** Samples side by side; the arrays are used again for the next request. */
export interface KnownSamples {
  length: number
  /** Number of the label set. */
  sets: Int32Array
  /** Epoch milliseconds, not checked. */
  timesMs: Float64Array
  values: Float64Array
}

/** Arrays for samples; they grow with what is read into them. */
export function createKnownSamples(): KnownSamples {
  return {
    length: 0,
    sets: new Int32Array(4_096),
    timesMs: new Float64Array(4_096),
    values: new Float64Array(4_096),
  }
}

/**
 * Reads a request into `samples`; false where it is anything else than plain samples of known label sets, and then
 * the whole reader has its turn, which also says what is wrong with it.
 */
export function readKnownRequest(bytes: Buffer, table: LabelTable, samples: KnownSamples): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  samples.length = 0
  let at = 0
  let expected = 0
  while (at < bytes.length) {
    if (bytes[at] !== messageTag) return false
    const length = shortCount(bytes, at + 1)
    const start = at + 1 + widthOf(length)
    const end = start + length
    if (length < 0 || end > bytes.length) return false
    // Senders repeat their series in the order of the last time, so most often it is the next one.
    const labelsEnd = start + table.lengthOf(expected)
    const isExpected =
      labelsEnd > start &&
      labelsEnd <= end &&
      bytes[labelsEnd] === samplesTag &&
      table.startsAt(expected, view, start)
    const samplesAt = isExpected ? labelsEnd : endOfLabels(bytes, start, end)
    const set = isExpected ? expected : table.find(view, start, samplesAt)
    if (set < 0 || !readSamples(view, { from: samplesAt, to: end, set }, samples)) return false
    expected = set + 1
    at = end
  }
  return true
}

const messageTag = 0x0a
const samplesTag = 0x12
const valueTag = 0x09
const timeTag = 0x10

/** A length of up to three bytes; -1 = it is longer, or cut off. */
function shortCount(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0x80
  if (first < 0x80) return first
  const second = bytes[at + 1] ?? 0x80
  if (second < 0x80) return (first & 0x7f) | (second << 7)
  const third = bytes[at + 2] ?? 0x80
  if (third < 0x80) return (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14)
  return -1
}

/** Bytes that a length takes where it is written as short as can be; where not, what follows does not fit. */
function widthOf(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : 3
}

function endOfLabels(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] === messageTag) {
    const length = shortCount(bytes, at + 1)
    if (length < 0) return end
    at += 1 + widthOf(length) + length
  }
  return Math.min(at, end)
}

interface Range {
  readonly from: number
  readonly to: number
  readonly set: number
}

function readSamples(view: DataView, { from, to, set }: Range, samples: KnownSamples): boolean {
  let at = from
  while (at < to) {
    if (to - at < 2 || view.getUint8(at) !== samplesTag) return false
    const end = at + 2 + view.getUint8(at + 1)
    if (end > to) return false
    if (!readSample(view, { from: at + 2, to: end, set }, samples)) return false
    at = end
  }
  return true
}

/** A field that is left out is zero, as the format has it. */
function readSample(view: DataView, { from, to, set }: Range, samples: KnownSamples): boolean {
  let at = from
  const row = samples.length
  if (row === samples.sets.length) grow(samples)
  samples.sets[row] = set
  samples.values[row] = 0
  if (to - at >= 9 && view.getUint8(at) === valueTag) {
    samples.values[row] = view.getFloat64(at + 1, true)
    // The end of a series gives up its claim, which needs a closer look.
    if (isStaleMarker(view, at + 1)) return false
    at += 9
  }
  if (at >= to || view.getUint8(at) !== timeTag) return false
  at += 1
  let timeMs = 0
  let scale = 1
  // Seven bytes reach past every time that is taken.
  for (let last = Math.min(to, at + 7); at < last; at += 1) {
    const byte = view.getUint8(at)
    timeMs += (byte & 0x7f) * scale
    scale *= 128
    if (byte >= 0x80) continue
    samples.timesMs[row] = timeMs
    samples.length = row + 1
    return at + 1 === to
  }
  return false
}

/** The NaN 0x7ff0000000000002. */
function isStaleMarker(view: DataView, at: number): boolean {
  return view.getUint32(at, true) === 2 && view.getUint32(at + 4, true) === 0x7ff00000
}

function grow(samples: KnownSamples): void {
  const length = 2 * samples.sets.length
  const former = { ...samples }
  samples.sets = new Int32Array(length)
  samples.timesMs = new Float64Array(length)
  samples.values = new Float64Array(length)
  samples.sets.set(former.sets)
  samples.timesMs.set(former.timesMs)
  samples.values.set(former.values)
}
