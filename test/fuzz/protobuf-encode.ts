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

function encodeScalar(number: number, type: Scalar, value: unknown): Buffer {
  switch (type) {
    case 'text':
      return delimited(number, Buffer.from(String(value)))
    case 'id':
      return delimited(number, Buffer.from(String(value), 'hex'))
    case 'bytes':
      return delimited(number, Buffer.from(String(value), 'base64'))
    case 'bool':
      return Buffer.concat([tag(number, 0), varint(value === true ? 1n : 0n)])
    case 'varint':
      return Buffer.concat([tag(number, 0), varint(BigInt(String(value)))])
    case 'sint':
      return Buffer.concat([tag(number, 0), varint(zigzag(Number(value)))])
    case 'fixed64':
      return Buffer.concat([tag(number, 1), fixed64(value)])
    case 'double':
      return Buffer.concat([tag(number, 1), double(value)])
    case 'packedVarint':
      return packed(number, value, (one) => varint(BigInt(String(one))))
    case 'packedFixed64':
      return packed(number, value, fixed64)
    case 'packedDouble':
      return packed(number, value, double)
  }
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
