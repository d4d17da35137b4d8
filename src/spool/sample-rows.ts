// The door of the spool for samples as columns: rows are written straight from the arrays.
import type { SampleColumns, SeriesHalves } from '../records/sample-rows.ts'
import { reserve, type RowBuffer } from './row-binary.ts'
import { spanOfTimes, type Span } from './table.ts'

/** The halves of a series' id. */
export function halvesOf(id: bigint): SeriesHalves {
  return { low: Number(BigInt.asIntN(32, id)), high: Number(BigInt.asIntN(32, id >> 32n)) }
}

/** Appends rows of `tables.samples`, as `writeRows` would write them; throws without a trace of any. */
export function writeSampleColumns(buffer: RowBuffer, columns: SampleColumns): Span {
  const { length, low, high, timesMs, values, states } = columns
  expectTimes(columns)
  reserve(buffer, length * rowBytes)
  const { bytes } = buffer
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = buffer.length
  for (let row = 0; row < length; row += 1) {
    const timeMs = timesMs[row] ?? 0
    const timeHigh = Math.floor(timeMs / 2 ** 32)
    view.setInt32(at, low[row] ?? 0, true)
    view.setInt32(at + 4, high[row] ?? 0, true)
    view.setUint32(at + 8, timeMs - timeHigh * 2 ** 32, true)
    view.setInt32(at + 12, timeHigh, true)
    view.setFloat64(at + 16, values[row] ?? Number.NaN, true)
    view.setUint8(at + 24, states[row] ?? 0)
    at += rowBytes
  }
  buffer.length = at
  return spanOfTimes(length, timesMs)
}

/** series_id UInt64, time DateTime64(3), value Float64, state Enum8. */
const rowBytes = 25

function expectTimes({ length, timesMs }: SampleColumns): void {
  for (let row = 0; row < length; row += 1) {
    const timeMs = timesMs[row] ?? Number.NaN
    if (!(timeMs >= 0 && timeMs <= lastTimeMs)) {
      throw new RangeError(`time is ${timeMs}, expected epoch milliseconds between 1970 and 2299`)
    }
  }
}

const lastTimeMs = Date.UTC(2300, 0, 1) - 1
