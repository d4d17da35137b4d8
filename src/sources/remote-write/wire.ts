// Protocol buffers as bytes with a position: fields are read where they lie and no message becomes an object.
import { UserError } from '../../records/failure.ts'

export interface Wire {
  readonly bytes: Buffer
  readonly view: DataView
  at: number
}

/** A message at its beginning. */
export function wireOf(bytes: Buffer): Wire {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 }
}

/** The next field's number and wire type, as `number << 3 | type`. */
export function readTag(wire: Wire): number {
  const tag = readCount(wire)
  if (tag < 8) throw malformed('has a field without a number')
  return tag
}

/** A varint of up to 32 bits: tags, lengths, references, enumerations. */
export function readCount(wire: Wire): number {
  const value = readInteger(wire)
  if (value < 0 || value >= 2 ** 32) throw malformed(`has ${value} where 32 bits are meant`)
  return value
}

/** An int64; a double holds it exactly where it is a time in milliseconds. */
export function readInteger(wire: Wire): number {
  const { bytes } = wire
  let low = 0
  let scale = 1
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[wire.at]
    if (byte === undefined) throw malformed('ends within a number')
    wire.at += 1
    low += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return index < 9 ? low : readNegative(bytes, wire.at - 10)
  }
  throw malformed('has a number longer than 64 bits')
}

/** Slow path: only the sign makes a number ten bytes long, and a double cannot add up to it exactly. */
function readNegative(bytes: Buffer, start: number): number {
  let value = 0n
  for (const [index, byte] of bytes.subarray(start, start + 10).entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
  }
  return Number(BigInt.asIntN(64, value))
}

/** A double. */
export function readDouble(wire: Wire): number {
  const { at } = wire
  if (at + 8 > wire.bytes.length) throw malformed('ends within a double')
  wire.at = at + 8
  return wire.view.getFloat64(at, true)
}

/** Whether the 8 bytes before the position are Prometheus' staleness marker, a NaN of its own. */
export function endsWithStaleMarker({ view, at }: Wire): boolean {
  return view.getUint32(at - 8, true) === 2 && view.getUint32(at - 4, true) === 0x7ff00000
}

/** Where the length-delimited field ends that begins here: a string, message or packed list. */
export function readEnd(wire: Wire, outerEnd: number): number {
  const length = readCount(wire)
  const end = wire.at + length
  if (end > outerEnd) throw malformed('has a field that is longer than what holds it')
  return end
}

/** A string. */
export function readText(wire: Wire, outerEnd: number): string {
  const end = readEnd(wire, outerEnd)
  const text = wire.bytes.toString('utf8', wire.at, end)
  wire.at = end
  return text
}

/** Passes over the value of a field that is of no interest. */
export function skipField(wire: Wire, tag: number, outerEnd: number): void {
  switch (tag & 7) {
    case 0:
      readInteger(wire)
      break
    case 1:
      wire.at += 8
      break
    case 2:
      wire.at = readEnd(wire, outerEnd)
      break
    case 5:
      wire.at += 4
      break
    default:
      // Groups have been out of use since the second version of the format.
      throw malformed(`has wire type ${tag & 7}`)
  }
  expectWithin(wire, outerEnd)
}

/** Throws when a message ran past its end. */
export function expectWithin(wire: Wire, end: number): void {
  if (wire.at > end) throw malformed('has a field that runs past its message')
}

function malformed(reason: string): UserError {
  return new UserError(`the body is no write request: it ${reason}`, { code: 'malformed_body' })
}
