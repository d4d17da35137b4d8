// The scalar types of OTLP: each is read from protobuf and from JSON (hex ids, 64-bit integers as text).
import type protobuf from 'protobufjs/minimal.js'
import { MalformedError, shown } from './decoding.ts'

type Reader = protobuf.Reader

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

type WireType = (typeof wireTypes)[keyof typeof wireTypes]

/** How one scalar is written in both encodings. */
export interface Scalar<Value> {
  readonly wire: WireType
  readonly zero: Value
  read(reader: Reader): Value
  parse(json: unknown): Value
}

export const textScalar: Scalar<string> = {
  wire: wireTypes.bytes,
  zero: '',
  read: (reader) => reader.string(),
  parse: (json) => (typeof json === 'string' ? json : expected('a string', json)),
}

/** Trace and span ids as lower-case hex. JSON has them in hex too, not in base64. */
export const idScalar: Scalar<string> = {
  wire: wireTypes.bytes,
  zero: '',
  read: (reader) => Buffer.from(reader.bytes()).toString('hex'),
  parse: (json) => (typeof json === 'string' ? json.toLowerCase() : expected('a hex id', json)),
}

export const boolScalar: Scalar<boolean> = {
  wire: wireTypes.varint,
  zero: false,
  read: (reader) => reader.bool(),
  parse: (json) => (typeof json === 'boolean' ? json : expected('true or false', json)),
}

export const doubleScalar: Scalar<number> = {
  wire: wireTypes.fixed64,
  zero: 0,
  read: (reader) => reader.double(),
  parse: (json) => numberOf(json, specialNumbers),
}

/** `enum`, `uint32`. */
export const uintScalar: Scalar<number> = {
  wire: wireTypes.varint,
  zero: 0,
  read: (reader) => reader.uint32(),
  parse: (json) => integerOf(json),
}

export const sint32Scalar: Scalar<number> = {
  wire: wireTypes.varint,
  zero: 0,
  read: (reader) => reader.sint32(),
  parse: (json) => integerOf(json),
}

/** `int64` and `uint64` as varint, two's complement; past 2^53 the nearest double. */
export const varint64Scalar: Scalar<number> = {
  wire: wireTypes.varint,
  zero: 0,
  read: (reader) => varint64(reader),
  parse: (json) => integerOf(json),
}

/** `fixed64`; past 2^53 the nearest double. */
export const fixed64Scalar: Scalar<number> = {
  wire: wireTypes.fixed64,
  zero: 0,
  read: (reader) => reader.fixed32() + reader.fixed32() * 2 ** 32,
  parse: (json) => integerOf(json),
}

export const sfixed64Scalar: Scalar<number> = {
  wire: wireTypes.fixed64,
  zero: 0,
  read: (reader) => reader.fixed32() + reader.sfixed32() * 2 ** 32,
  parse: (json) => integerOf(json),
}

/** Nanoseconds since the epoch, taken as milliseconds with a fraction, to the microsecond. */
export const timeScalar: Scalar<number> = {
  wire: wireTypes.fixed64,
  zero: 0,
  read: (reader) => milliseconds(fixed64Scalar.read(reader)),
  parse: (json) => milliseconds(integerOf(json)),
}

/** A double holds today's nanoseconds to 256: without rounding a whole millisecond could come out below itself. */
function milliseconds(nanoseconds: number): number {
  return Math.round(nanoseconds / 1e3) / 1e3
}

/** In three parts of 28, 28 and 8 bits, so that a small negative number is exact. */
function varint64(reader: Reader): number {
  const parts: [number, number, number] = [0, 0, 0]
  for (let index = 0; index < 10; index += 1) {
    const byte = reader.buf[reader.pos]
    if (byte === undefined || reader.pos >= reader.len) break
    reader.pos += 1
    const part = Math.floor(index / 4)
    parts[part] = (parts[part] ?? 0) + (byte & 0x7f) * 2 ** (7 * (index % 4))
    if (byte < 0x80) return signed(parts)
  }
  throw new MalformedError('holds an integer that does not end')
}

function signed([low, middle, high]: readonly [number, number, number]): number {
  const top = high & 0xff
  if (top < 0x80) return low + middle * 2 ** 28 + top * 2 ** 56
  return -1 - (2 ** 28 - 1 - low) - (2 ** 28 - 1 - middle) * 2 ** 28 - (0xff - top) * 2 ** 56
}

/** A map, not an object: `constructor` must not be found in it. */
const specialNumbers: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

const noNames: ReadonlyMap<string, number> = new Map()

function integerOf(json: unknown): number {
  const value = numberOf(json, noNames)
  return Number.isInteger(value) ? value : expected('an integer', json)
}

function numberOf(json: unknown, names: ReadonlyMap<string, number>): number {
  if (typeof json === 'number') return json
  if (typeof json !== 'string' || json.trim() === '') return expected('a number', json)
  const value = names.get(json) ?? Number(json)
  return Number.isNaN(value) && json !== 'NaN' ? expected('a number', json) : value
}

function expected(what: string, found: unknown): never {
  throw new MalformedError(`is ${shown(found)}, expected ${what}`)
}
