// From the JSON of a message to its bytes, by its shape.
import { varint } from './protobuf-tree.ts'
import type { Scalar, Shape } from './shapes.ts'

/** Encodes the JSON form (hex ids, 64-bit integers as text) of a message. */
export function encodeJson(shape: Shape, json: object): Buffer {
  const parts: Buffer[] = []
  for (const [name, value] of Object.entries(json)) {
    const field = shape[name]
    if (field === undefined) continue
    const { number, type } = field
    const isPacked = typeof type === 'string' && type.startsWith('packed')
    for (const one of Array.isArray(value) && !isPacked ? value : [value]) {
      if (typeof type === 'function') parts.push(delimited(number, encodeJson(type(), one)))
      else parts.push(encodeScalar(number, type, one))
    }
  }
  return Buffer.concat(parts)
}

const encodeScalar = (number: number, type: Scalar, value: unknown): Buffer =>
  encoders[type](number, value)

const encoders: Readonly<Record<Scalar, (number: number, value: unknown) => Buffer>> = {
  text: (number, value) => delimited(number, Buffer.from(String(value))),
  id: (number, value) => delimited(number, Buffer.from(String(value), 'hex')),
  bytes: (number, value) => delimited(number, Buffer.from(String(value), 'base64')),
  bool: (number, value) => Buffer.concat([tag(number, 0), varint(value === true ? 1n : 0n)]),
  varint: (number, value) => Buffer.concat([tag(number, 0), varint(BigInt(String(value)))]),
  sint: (number, value) => Buffer.concat([tag(number, 0), varint(zigzag(Number(value)))]),
  fixed64: (number, value) => Buffer.concat([tag(number, 1), fixed64(value)]),
  double: (number, value) => Buffer.concat([tag(number, 1), double(value)]),
  packedVarint: (number, value) => packed(number, value, (one) => varint(BigInt(String(one)))),
  packedFixed64: (number, value) => packed(number, value, fixed64),
  packedDouble: (number, value) => packed(number, value, double),
}

const tag = (number: number, wire: number): Buffer => varint(BigInt(number * 8 + wire))

function delimited(number: number, payload: Buffer): Buffer {
  return Buffer.concat([tag(number, 2), varint(BigInt(payload.length)), payload])
}

function packed(number: number, values: unknown, one: (value: unknown) => Buffer): Buffer {
  return delimited(number, Buffer.concat(Array.isArray(values) ? values.map(one) : []))
}

const zigzag = (value: number): bigint => BigInt(value < 0 ? -2 * value - 1 : 2 * value)

function fixed64(value: unknown): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(String(value))))
  return bytes
}

function double(value: unknown): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(Number(value))
  return bytes
}
