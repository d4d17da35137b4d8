// Both versions of a write request: golden bytes, agreement with another encoder, and any bytes at all.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../records/failure.ts'
import { encodeV1, encodeV2, type TestSeries } from './test-messages.ts'
import { readWriteRequestV1 } from './write-request-v1.ts'
import { createNumbering } from './numbering.ts'
import { readWriteRequestV2 as readV2 } from './write-request-v2.ts'
import type { WrittenRequest } from './written-series.ts'

const hex = (fields: readonly string[]) => fields.join('').replaceAll(' ', '')

/** `up{job="a"} 1.5 @ 1700000000000`, then the end of the series 15 s later. */
const goldenV1 = hex([
  '0a3e',
  '0a0e 0a085f5f6e616d655f5f 12027570',
  '0a08 0a036a6f62 120161',
  '1210 09000000000000f83f 1080d095ffbc31',
  '1210 09020000000000f07f 1098c596ffbc31',
])

/** The same series with its type, and without the second sample. */
const goldenV2 = hex([
  '2200 22085f5f6e616d655f5f 22027570 22036a6f62 220161',
  '2a20',
  '0a0401020304',
  '1210 09000000000000f83f 1080d095ffbc31',
  '2a04 0802 2000',
  '3000',
])

const numberOf = createNumbering()
const readWriteRequestV2 = (bytes: Buffer) => readV2(bytes, numberOf)

/** A request in plain words. */
function told(request: WrittenRequest) {
  const { histograms, exemplars } = request
  return {
    histograms,
    exemplars,
    metadata: Object.fromEntries(request.metadata),
    series: request.series.map(({ readLabels, samples, metadata }) => ({
      labels: readLabels(),
      samples,
      metadata,
    })),
  }
}

const labels = { __name__: 'up', job: 'a' }
const first = { value: 1.5, timeMs: 1_700_000_000_000, isStale: false }
const end = { value: NaN, timeMs: 1_700_000_015_000, isStale: true }

describe('golden bytes', () => {
  test('version 1', () => {
    expect(told(readWriteRequestV1(Buffer.from(goldenV1, 'hex')))).toEqual({
      histograms: 0,
      exemplars: 0,
      metadata: {},
      series: [{ labels, samples: [first, end], metadata: null }],
    })
  })

  test('version 2', () => {
    expect(told(readWriteRequestV2(Buffer.from(goldenV2, 'hex')))).toEqual({
      histograms: 0,
      exemplars: 0,
      metadata: {},
      series: [{ labels, samples: [first], metadata: { kind: 'gauge', unit: '' } }],
    })
  })

  test('symbols may stand behind the series that refer to them', () => {
    const at = goldenV2.indexOf('2a20')
    const turned = goldenV2.slice(at) + goldenV2.slice(0, at)
    expect(told(readWriteRequestV2(Buffer.from(turned, 'hex'))).series[0]?.labels).toEqual(labels)
  })
})

test('metadata of version 1, histograms and exemplars are told', () => {
  const series = [{ labels, samples: [], histograms: 2, exemplars: 3 }]
  const metadata = [{ type: 1, family: 'jobs', unit: 'seconds' }]
  expect(told(readWriteRequestV1(encodeV1(series, metadata)))).toMatchObject({
    histograms: 2,
    exemplars: 3,
    metadata: { jobs: { kind: 'counter', unit: 'seconds' } },
  })
  expect(told(readWriteRequestV2(encodeV2(series)))).toMatchObject({ histograms: 2, exemplars: 3 })
})

const name = fc.stringMatching(/^[a-z_]{1,8}$/)
const anySeries: fc.Arbitrary<TestSeries> = fc.record({
  labels: fc.dictionary(name, fc.string({ unit: 'grapheme', maxLength: 12 }), { maxKeys: 6 }),
  samples: fc.array(
    fc.tuple(
      fc.oneof(fc.double({ noNaN: true }), fc.constant('stale' as const)),
      fc.integer({ min: -1_000, max: 4_102_444_800_000 }),
    ),
    { maxLength: 4 },
  ),
})

test.each([
  ['1', encodeV1, readWriteRequestV1],
  ['2', encodeV2, readWriteRequestV2],
] as const)('what another encoder of version %s wrote is read as it was', (_, encode, read) => {
  fc.assert(
    fc.property(fc.array(anySeries, { maxLength: 8 }), (series) => {
      const { series: found } = read(encode(series))
      expect(found.map((one) => one.readLabels())).toEqual(series.map((one) => one.labels))
      expect(
        found.map((one) =>
          one.samples.map(({ value, timeMs, isStale }) => [isStale ? 'stale' : value, timeMs]),
        ),
      ).toEqual(series.map(({ samples = [] }) => samples))
    }),
  )
})

test.each([
  ['1', encodeV1, readWriteRequestV1],
  ['2', encodeV2, readWriteRequestV2],
] as const)('keys of version %s differ exactly where labels do', (_, encode, read) => {
  fc.assert(
    fc.property(fc.array(anySeries, { maxLength: 12 }), (series) => {
      const { series: found } = read(encode(series))
      const wanted = new Set(series.map((one) => JSON.stringify(Object.entries(one.labels))))
      expect(new Set(found.map((one) => one.key)).size).toBe(wanted.size)
    }),
  )
})

test('a key of version 1 does not depend on where the samples stand', () => {
  const whole = readWriteRequestV1(encodeV1([{ labels, samples: [[1, 5]] }])).series[0]
  const [nameLabel, jobLabel] = ['0a0e0a085f5f6e616d655f5f12027570', '0a080a036a6f62120161']
  const apart = `0a1e${nameLabel}12020800${jobLabel}`
  const cut = readWriteRequestV1(Buffer.from(apart, 'hex')).series[0]
  expect(cut?.readLabels()).toEqual(labels)
  expect(cut?.key).toBe(whole?.key)
})

const messages = [
  encodeV1([{ labels, samples: [[1, 5]], histograms: 1 }], [{ type: 2, family: 'f', unit: 'u' }]),
  encodeV2([{ labels, samples: [['stale', 5]], type: 3, exemplars: 1 }]),
]

/** Bytes near to a request: where a decoder errs most. */
const mutated = fc
  .tuple(
    fc.constantFrom(...messages),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
    fc.nat(200),
  )
  .map(([message, edits, length]) => {
    const bytes = Buffer.from(message)
    for (const [at, byte] of edits) bytes[at % bytes.length] = byte
    return bytes.subarray(0, Math.max(1, length % (bytes.length + 1)))
  })

test('any bytes end in a request or in a UserError', () => {
  const bytes = fc.oneof(
    mutated,
    fc.uint8Array({ maxLength: 120 }).map((array) => Buffer.from(array)),
  )
  fc.assert(
    fc.property(bytes, (body) => {
      for (const read of [readWriteRequestV1, readWriteRequestV2]) {
        try {
          told(read(body))
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }
    }),
    { numRuns: 5_000 },
  )
})

describe('memory is bounded', () => {
  test('by the number of items', () => {
    const empty = Buffer.alloc(2 * 200_001)
    for (let at = 0; at < empty.length; at += 2) empty[at] = 0x0a
    expect(() => readWriteRequestV1(empty)).toThrow('more series and samples than 200000')
    for (let at = 0; at < empty.length; at += 2) empty[at] = 0x22
    expect(() => readWriteRequestV2(empty)).toThrow('more series and samples than 200000')
  })

  test('by what references come to, though each takes a byte', () => {
    const symbol = Buffer.concat([Buffer.of(0x22, 0xf0, 0x2e), Buffer.alloc(6_000, 0x61)])
    const series = Buffer.from('2a040a020000', 'hex')
    const body = Buffer.concat([symbol, ...Array.from({ length: 12_000 }, () => series)])
    expect(() => readWriteRequestV2(body)).not.toThrow(RangeError)
    const one = readWriteRequestV2(Buffer.concat([symbol, series])).series[0]
    expect(one?.key).toBeNull()
  })
})
