import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createRowBuffer,
  writeCount,
  writeFloat64,
  writeMilliseconds,
  writePairs,
  writeString,
  writeStrings,
  writeUint32,
  writeUint64,
  type RowBuffer,
} from './row-binary.ts'

/** Reads back what was written, as ClickHouse's own documentation of the format says. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(buffer: RowBuffer) {
    this.#bytes = buffer.bytes.subarray(0, buffer.length)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  count(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }

  string(): string {
    const size = this.count()
    this.#at += size
    return this.#bytes.toString('utf8', this.#at - size, this.#at)
  }

  int64(): bigint {
    this.#at += 8
    return this.#bytes.readBigInt64LE(this.#at - 8)
  }

  float64(): number {
    this.#at += 8
    return this.#bytes.readDoubleLE(this.#at - 8)
  }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.integer({ min: 0, max: 200 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 30, max: 50 }).map((length) => '€'.repeat(length)),
)

test('strings come back whole, whatever their length and script', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 20 }), (texts) => {
      const buffer = createRowBuffer(1)
      for (const text of texts) writeString(buffer, text)
      const reader = new Reader(buffer)
      expect(texts.map(() => reader.string())).toEqual(
        texts.map((text) => Buffer.from(text).toString()),
      )
      expect(reader.isAtEnd).toBe(true)
    }),
  )
})

test('counts up to 2^31 come back', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), (count) => {
      const buffer = createRowBuffer(1)
      writeCount(buffer, count)
      expect(new Reader(buffer).count()).toBe(count)
    }),
  )
})

test('milliseconds are the Int64 of their whole part, before and after 1970', () => {
  fc.assert(
    fc.property(fc.double({ min: -2.2e12, max: 1.04e13, noNaN: true }), (timeMs) => {
      const buffer = createRowBuffer(1)
      writeMilliseconds(buffer, timeMs)
      expect(new Reader(buffer).int64()).toBe(BigInt(Math.floor(timeMs)))
    }),
  )
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, -2.3e12, 1.7e18])('%s is no time', (timeMs) => {
  const buffer = createRowBuffer()
  expect(() => writeMilliseconds(buffer, timeMs)).toThrow(/expected epoch milliseconds/)
  expect(buffer.length).toBe(0)
})

test('maps and arrays start with their count', () => {
  const buffer = createRowBuffer(1)
  writePairs(buffer, { a: '1', b: '' })
  writeStrings(buffer, ['x', 'y', 'z'])
  const reader = new Reader(buffer)
  expect(reader.count()).toBe(2)
  expect([reader.string(), reader.string(), reader.string(), reader.string()]).toEqual([
    'a',
    '1',
    'b',
    '',
  ])
  expect(reader.count()).toBe(3)
})

test('numbers that do not fit are refused, not wrapped', () => {
  const buffer = createRowBuffer()
  expect(() => writeUint32(buffer, -1)).toThrow(RangeError)
  expect(() => writeUint32(buffer, 2 ** 32)).toThrow(RangeError)
  expect(() => writeUint64(buffer, -1n)).toThrow(RangeError)
  expect(buffer.length).toBe(0)
})

test('a full buffer grows and keeps what it holds', () => {
  const buffer = createRowBuffer(1)
  for (let value = 0; value < 1_000; value += 1) writeFloat64(buffer, value)
  const reader = new Reader(buffer)
  expect(Array.from({ length: 1_000 }, () => reader.float64())).toEqual(
    Array.from({ length: 1_000 }, (_, value) => value),
  )
})
