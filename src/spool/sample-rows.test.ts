import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readingStates } from '../records/sample.ts'
import { exampleSample } from './examples.ts'
import { createRowBuffer } from './row-binary.ts'
import { halvesOf, writeSampleColumns } from './sample-rows.ts'
import { writeRows } from './table.ts'
import { samples } from './tables/sample.ts'

const row = fc.record({
  seriesId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  timeMs: fc.integer({ min: 0, max: Date.UTC(2299, 11, 31) }),
  value: fc.double(),
  state: fc.constantFrom(...readingStates),
})

test('columns become the very bytes that rows become', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const byRow = createRowBuffer(16)
      const span = writeRows(
        byRow,
        samples,
        rows.map(({ seriesId, ...rest }) => ({ seriesId, sample: exampleSample(rest) })),
      )
      const byColumn = createRowBuffer(16)
      const halves = rows.map(({ seriesId }) => halvesOf(seriesId))
      const told = writeSampleColumns(byColumn, {
        length: rows.length,
        low: Int32Array.from(halves, ({ low }) => low),
        high: Int32Array.from(halves, ({ high }) => high),
        timesMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
        values: Float64Array.from(rows, ({ value }) => value),
        states: Uint8Array.from(rows, ({ state }) => readingStates.indexOf(state)),
      })
      const bytes = (buffer: typeof byRow) => buffer.bytes.subarray(0, buffer.length)
      expect(bytes(byColumn).equals(bytes(byRow))).toBe(true)
      if (rows.length > 0) expect(told).toEqual(span)
    }),
  )
})

test('a time that the store cannot say is refused, and nothing of the columns is written', () => {
  const buffer = createRowBuffer()
  const columns = {
    length: 2,
    low: new Int32Array(2),
    high: new Int32Array(2),
    timesMs: Float64Array.of(0, Number.NaN),
    values: new Float64Array(2),
    states: new Uint8Array(2),
  }
  expect(() => writeSampleColumns(buffer, columns)).toThrow(RangeError)
  expect(buffer.length).toBe(0)
})
