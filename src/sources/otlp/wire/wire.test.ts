import * as fc from 'fast-check'
import protobuf from 'protobufjs/minimal.js'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../records/failure.ts'
import { anyValue, type AnyValue } from './any-value.ts'
import { createBudget } from './decoding.ts'
import { decodeRequest } from './export-request.ts'
import { logsRequest } from './log-messages.ts'
import { metricsRequest } from './metric-messages.ts'
import { varint64Scalar } from './scalars.ts'
import { traceRequest } from './trace-messages.ts'

type Writer = protobuf.Writer

/** The encoders of this file are written from the `.proto` files, apart from the decoder. */
function writeAny(writer: Writer, value: AnyValue): Writer {
  if (value === null) return writer
  if (typeof value === 'string') return writer.uint32(0x0a).string(value)
  if (typeof value === 'boolean') return writer.uint32(0x10).bool(value)
  if (typeof value === 'number') return writer.uint32(0x21).double(value)
  if (Array.isArray(value)) {
    writer.uint32(0x2a).fork()
    for (const one of value as readonly AnyValue[])
      writeAny(writer.uint32(0x0a).fork(), one).ldelim()
    return writer.ldelim()
  }
  writer.uint32(0x32).fork()
  for (const [key, one] of Object.entries(value)) {
    writer.uint32(0x0a).fork().uint32(0x0a).string(key)
    writeAny(writer.uint32(0x12).fork(), one).ldelim().ldelim()
  }
  return writer.ldelim()
}

function jsonOfAny(value: AnyValue): object {
  if (value === null) return {}
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return { doubleValue: value }
  if (Array.isArray(value)) {
    return { arrayValue: { values: value.map((one: AnyValue) => jsonOfAny(one)) } }
  }
  const values = Object.entries(value).map(([key, one]) => ({ key, value: jsonOfAny(one) }))
  return { kvlistValue: { values } }
}

const { any } = fc.letrec<{ any: AnyValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
  ),
}))

describe('any value', () => {
  test('is the same from protobuf and from JSON', () => {
    fc.assert(
      fc.property(any, (value) => {
        const bytes = writeAny(protobuf.Writer.create(), value).finish()
        expect(anyValue.read(protobuf.Reader.create(bytes), createBudget())).toEqual(value)
        expect(anyValue.parse(jsonOfAny(value), createBudget())).toEqual(value)
      }),
    )
  })

  test('nested too deep is refused in either encoding', () => {
    let bytes = new Uint8Array()
    let json: object = {}
    for (let level = 0; level < 200; level += 1) {
      const writer = protobuf.Writer.create().uint32(0x2a).fork().uint32(0x0a).bytes(bytes)
      bytes = new Uint8Array(writer.ldelim().finish())
      json = { arrayValue: { values: [json] } }
    }
    const read = () => anyValue.read(protobuf.Reader.create(bytes), createBudget())
    expect(read).toThrow('nested more than')
    expect(() => anyValue.parse(json, createBudget())).toThrow('nested more than')
  })
})

test('64-bit integers are exact to 2^53, negative ones too', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = protobuf.Writer.create().int64(value).finish()
      expect(varint64Scalar.read(protobuf.Reader.create(bytes))).toBe(value)
    }),
  )
})

/** Buckets and bounds of a histogram point that is written so. */
const written = (write: (point: Writer) => unknown) => {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork().uint32(0x12).fork().uint32(0x12).fork()
  writer.uint32(0x4a).fork().uint32(0x0a).fork()
  write(writer)
  writer.uint32(0xfa_fa).string('unknown')
  writer.ldelim().ldelim().ldelim().ldelim().ldelim()
  const { resourceMetrics } = decodeRequest(metricsRequest, 'protobuf', writer.finish())
  const [point] = resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.histogram?.dataPoints ?? []
  return [point?.bucketCounts, point?.explicitBounds]
}

test('packed and unpacked numbers are the same, and unknown fields are skipped', () => {
  const packed = written((point) =>
    point
      .uint32(0x32)
      .fork()
      .fixed64(1)
      .fixed64(2)
      .ldelim()
      .uint32(0x3a)
      .fork()
      .double(0.5)
      .ldelim(),
  )
  const unpacked = written((point) =>
    point.uint32(0x31).fixed64(1).uint32(0x39).double(0.5).uint32(0x31).fixed64(2),
  )
  expect(packed).toEqual([[1, 2], [0.5]])
  expect(unpacked).toEqual(packed)
})

test.each([traceRequest, metricsRequest, logsRequest])(
  'any bytes at all are read or refused (%#)',
  (type) => {
    const refused = (encoding: 'protobuf' | 'json', bytes: Uint8Array) => {
      try {
        decodeRequest<unknown>(type, encoding, bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => refused('protobuf', bytes)),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.json(), (text) => refused('json', Buffer.from(text))),
      { numRuns: 500 },
    )
  },
)

test('no name that every object has is a number', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    const read = () => anyValue.parse({ doubleValue: name }, createBudget())
    expect(read).toThrow('expected a number')
  }
  expect(anyValue.parse({ doubleValue: '-Infinity' }, createBudget())).toBe(-Infinity)
})

test('a number that does not end is refused, in fields that nobody reads too', () => {
  const unread = [0x90, 0x01]
  const decode = (bytes: number[]) => () =>
    decodeRequest(traceRequest, 'protobuf', Buffer.from([...unread, ...bytes]))
  expect(decode([...Array<number>(9).fill(0x80), 1])).not.toThrow()
  expect(decode([...Array<number>(10).fill(0x80), 1])).toThrow('does not end')
})

const unknownFields = (count: number) => Buffer.alloc(2 * count, Buffer.from([0x20, 0]))

const passingOver = (count: number) => () =>
  decodeRequest(traceRequest, 'protobuf', unknownFields(count))

test('fields that nobody reads are passed over up to a bound', () => {
  expect(passingOver(1_000)).not.toThrow()
  expect(passingOver(2_000_001)).toThrow('more than 2000000 fields')
})

/** A message of two bytes whose length is written so. */
const ofLength = (length: number[]) => () =>
  decodeRequest(traceRequest, 'protobuf', Buffer.from([0x0a, ...length, 0x12, 0x00]))

test('a length of more than 32 bits is refused, not cut short; a padded one is read', () => {
  expect(ofLength([0x02])).not.toThrow()
  expect(ofLength([0x82, 0x80, 0x80, 0x80, 0x00])).not.toThrow()
  // 2^32 + 2.
  expect(ofLength([0x82, 0x80, 0x80, 0x80, 0x10])).toThrow('longer than any body')
  expect(ofLength([...Array<number>(11).fill(0x80), 0])).toThrow('longer than any body')
})
