import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { UserError } from '../../records/failure.ts'
import { uncompressSnappy } from './snappy-block.ts'
import { snappy } from './test-messages.ts'

const most = 1_000_000

test('what another library compressed comes back', () => {
  const repetitive = fc
    .array(fc.constantFrom('vllm:', 'instance', '10.0.0.1:8000', 'a', '\0'), { maxLength: 2_000 })
    .map((words) => Buffer.from(words.join('')))
  const plain = fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.oneof(repetitive, plain), (bytes) => {
      expect(uncompressSnappy(snappy(bytes), most).equals(bytes)).toBe(true)
    }),
  )
})

test('literals of every length of length, and copies that overlap', () => {
  for (const size of [1, 60, 61, 256, 257, 65_536, 65_537]) {
    const bytes = Buffer.alloc(size, 7)
    const head = Buffer.alloc(5)
    head.writeUIntLE(
      ((size & 0x7f) | 0x80) + (((size >> 7) & 0x7f) | 0x80) * 256 + (size >> 14) * 65_536,
      0,
      5,
    )
    const width = size <= 60 ? 0 : size <= 256 ? 1 : size <= 65_536 ? 2 : 3
    const tag = Buffer.alloc(1 + width)
    tag[0] = width === 0 ? (size - 1) << 2 : (59 + width) << 2
    if (width > 0) tag.writeUIntLE(size - 1, 1, width)
    const block = Buffer.concat([head.subarray(0, 3), tag, bytes])
    expect(uncompressSnappy(block, most).equals(bytes)).toBe(true)
  }
  // "ab", then 7 bytes copied from 2 back: the copy reads what it writes.
  const overlapping = Buffer.of(9, 1 << 2, 0x61, 0x62, ((7 - 4) << 2) | 1, 2)
  expect(uncompressSnappy(overlapping, most).toString()).toBe('ababababa')
})

test.each([
  ['nothing at all', []],
  ['a length that never ends', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ['a literal whose length has its highest bit set', [4, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0]],
  ['a copy from before the beginning', [8, 0, 0x61, (3 << 2) | 1, 5]],
  ['a copy from nowhere', [8, 0, 0x61, (3 << 2) | 1, 0]],
  ['less than announced', [9, 0, 0x61]],
  ['more than announced', [1, 4, 0x61, 0x62]],
  ['an announcement that its bytes cannot hold', [0xff, 0xff, 0x0f, 0, 0x61]],
])('%s is refused', (_, bytes) => {
  expect(() => uncompressSnappy(Buffer.from(bytes), most)).toThrow(UserError)
})

test('a bomb is refused before it is unpacked, with another status', () => {
  const error = (() => {
    try {
      return uncompressSnappy(Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f), 1_000)
    } catch (thrown) {
      return thrown
    }
  })()
  expect(error).toMatchObject({ status: 413, code: 'body_too_large' })
})

test('any bytes end in bytes or in a UserError', () => {
  const bytes = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(bytes, (block) => {
      try {
        expect(uncompressSnappy(block, 4_000).length).toBeLessThanOrEqual(4_000)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }),
    { numRuns: 2_000 },
  )
})
