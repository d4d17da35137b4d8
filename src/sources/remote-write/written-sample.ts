import {
  endsWithStaleMarker,
  expectWithin,
  readDouble,
  readEnd,
  readInteger,
  readTag,
  skipField,
  type Wire,
} from './wire.ts'
import type { WrittenSample } from './written-series.ts'

const valueTag = (1 << 3) | 1
const timestampTag = 2 << 3

/** One `Sample` message, the same in both versions. A field that is left out is zero, as the format has it. */
export function readSample(wire: Wire, outerEnd: number): WrittenSample {
  const end = readEnd(wire, outerEnd)
  let value = 0
  let timeMs = 0
  let isStale = false
  while (wire.at < end) {
    const tag = readTag(wire)
    if (tag === valueTag) {
      value = readDouble(wire)
      isStale = Number.isNaN(value) && endsWithStaleMarker(wire)
    } else if (tag === timestampTag) timeMs = readInteger(wire)
    else skipField(wire, tag, end)
  }
  expectWithin(wire, end)
  return { timeMs, value, isStale }
}
