// What a body is by the rules of its format alone, told without the program under test.
import type { FieldShape, Shape } from './shapes.ts'

/**
 * `broken`: nobody may take it. `sound`: within every bound and rule, so it must be taken. `arguable`: the format
 * leaves it to the reader (text that is no UTF-8, groups, numbers that are wider than their type).
 */
export type Soundness = 'broken' | 'sound' | 'arguable'

/** Soundness of protobuf bytes as a message of this shape; fields that the shape does not name are passed over. */
export function protobufSoundness(bytes: Buffer, shape: Shape): Soundness {
  if (bytes.length > mostSoundBytes) return 'arguable'
  const walk: Walk = { bytes, doubts: false }
  try {
    readMessage(walk, 0, bytes.length, { shape, depth: 0 })
  } catch (error) {
    if (error instanceof Broken) return walk.doubts ? 'arguable' : 'broken'
    throw error
  }
  return walk.doubts ? 'arguable' : 'sound'
}

/** A body far below every bound on sizes and counts. */
const mostSoundBytes = 200_000
const mostSoundDepth = 16

class Broken extends Error {}

interface Walk {
  readonly bytes: Buffer
  /** Something was met that readers may differ on; what comes after is not judged. */
  doubts: boolean
}

function readMessage(
  walk: Walk,
  start: number,
  end: number,
  place: { readonly shape: Shape; readonly depth: number },
): void {
  if (place.depth > mostSoundDepth) walk.doubts = true
  const fields = new Map(Object.values(place.shape).map((field) => [field.number, field.type]))
  let at = start
  while (at < end && !walk.doubts) {
    const tag = readVarint(walk, at, end)
    const number = tag.value >> 3n
    if (number === 0n) throw new Broken()
    if (tag.value >= 2n ** 32n) walk.doubts = true
    const type = fields.get(Number(number))
    at = readValue(walk, {
      at: tag.end,
      end,
      wire: Number(tag.value & 7n),
      type,
      depth: place.depth,
    })
  }
}

interface Value {
  readonly at: number
  readonly end: number
  readonly wire: number
  readonly type: FieldShape['type'] | undefined
  readonly depth: number
}

/** Where the value ends. */
function readValue(walk: Walk, value: Value): number {
  const { at, end, wire, type } = value
  if (wire === 0) {
    const number = readVarint(walk, at, end)
    if (number.value >= 2n ** 32n && type === 'varint') walk.doubts = true
    return number.end
  }
  if (wire === 1 || wire === 5) return within(at + (wire === 1 ? 8 : 4), end)
  if (wire !== 2) {
    if (wire === 6 || wire === 7) throw new Broken()
    walk.doubts = true
    return end
  }
  const length = readVarint(walk, at, end)
  // Padded with zeros: some readers take more bytes for a length than it needs, others do not.
  if (length.end - at > 5) walk.doubts = true
  const last = within(length.end + Number(length.value), end)
  readPayload(walk, length.end, last, value)
  return last
}

function readPayload(walk: Walk, start: number, end: number, { type, depth }: Value): void {
  if (typeof type === 'function') readMessage(walk, start, end, { shape: type(), depth: depth + 1 })
  else if (type === 'packedVarint') {
    for (let at = start; at < end;) at = readVarint(walk, at, end).end
  } else if (type === 'packedFixed64' || type === 'packedDouble') {
    if ((end - start) % 8 !== 0) throw new Broken()
  } else if (type === 'text' && !isUtf8(walk.bytes.subarray(start, end))) walk.doubts = true
}

function readVarint(walk: Walk, start: number, end: number): { value: bigint; end: number } {
  let value = 0n
  for (let at = start; at < end; at += 1) {
    if (at - start === 10) throw new Broken()
    const byte = walk.bytes[at] ?? 0
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start))
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + 1 }
  }
  throw new Broken()
}

function within(at: number, end: number): number {
  if (at > end) throw new Broken()
  return at
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes)
}

/** Text that is no JSON is broken; of JSON only the door can say. */
export function jsonSoundness(bytes: Buffer): Soundness {
  try {
    JSON.parse(new TextDecoder().decode(bytes))
    return 'arguable'
  } catch {
    return 'broken'
  }
}
