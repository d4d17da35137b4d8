// ClickHouse's RowBinary, written straight into one growing buffer: no object and no slice a field.

/** Whole rows, back to back; `length` bytes of `bytes` are in use. */
export interface RowBuffer {
  bytes: Buffer
  length: number
}

/** An empty buffer. @param capacity first size in bytes; it doubles when full */
export function createRowBuffer(capacity = 64 * 1024): RowBuffer {
  return { bytes: Buffer.allocUnsafe(capacity), length: 0 }
}

/** String and LowCardinality(String): length in bytes as varint, then UTF-8. */
export function writeString(buffer: RowBuffer, value: string): void {
  if (value.length <= shortText) {
    reserve(buffer, value.length * 3 + 1)
    const size = writeAscii(buffer, value) ?? buffer.bytes.write(value, buffer.length + 1)
    buffer.bytes[buffer.length] = size
    buffer.length += size + 1
    return
  }
  const size = Buffer.byteLength(value)
  writeCount(buffer, size)
  reserve(buffer, size)
  buffer.bytes.write(value, buffer.length)
  buffer.length += size
}

/** Up to 3 bytes a UTF-16 unit: 42 units always fit a length of one byte (< 128). */
const shortText = 42

/** Fast path: a call into the engine costs more than the characters of a name. `undefined` = not ASCII. */
function writeAscii(buffer: RowBuffer, value: string): number | undefined {
  const { bytes } = buffer
  const start = buffer.length + 1
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code >= 0x80) return undefined
    bytes[start + index] = code
  }
  return value.length
}

/** LEB128 count in front of strings, arrays and maps. */
export function writeCount(buffer: RowBuffer, count: number): void {
  reserve(buffer, 5)
  let rest = count
  while (rest >= 0x80) {
    buffer.bytes[buffer.length++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer.bytes[buffer.length++] = rest
}

/** Bool. */
export function writeBool(buffer: RowBuffer, value: boolean): void {
  writeUint8(buffer, value ? 1 : 0)
}

/** UInt8, Enum8 codes from 0 to 127 and the null flag of Nullable. */
export function writeUint8(buffer: RowBuffer, value: number): void {
  reserve(buffer, 1)
  buffer.length = buffer.bytes.writeUInt8(value, buffer.length)
}

/** UInt16. */
export function writeUint16(buffer: RowBuffer, value: number): void {
  reserve(buffer, 2)
  buffer.length = buffer.bytes.writeUInt16LE(value, buffer.length)
}

/** UInt32. */
export function writeUint32(buffer: RowBuffer, value: number): void {
  reserve(buffer, 4)
  buffer.length = buffer.bytes.writeUInt32LE(value, buffer.length)
}

/** UInt64. */
export function writeUint64(buffer: RowBuffer, value: bigint): void {
  reserve(buffer, 8)
  buffer.length = buffer.bytes.writeBigUInt64LE(value, buffer.length)
}

/** UInt128 from the 32 hex digits of its bytes, lowest first; an empty text is 0. */
export function writeUint128Hex(buffer: RowBuffer, hex: string): void {
  reserve(buffer, 16)
  const written = buffer.bytes.write(hex, buffer.length, 16, 'hex')
  buffer.bytes.fill(0, buffer.length + written, buffer.length + 16)
  buffer.length += 16
}

/** Float64. */
export function writeFloat64(buffer: RowBuffer, value: number): void {
  reserve(buffer, 8)
  buffer.length = buffer.bytes.writeDoubleLE(value, buffer.length)
}

/**
 * DateTime64(3) and Int64: whole epoch milliseconds; a fraction is cut off.
 * Two 32-bit halves, because a BigInt would be an allocation a field.
 */
export function writeMilliseconds(buffer: RowBuffer, timeMs: number): void {
  const whole = Math.floor(timeMs)
  if (!(whole >= firstTimeMs && whole <= lastTimeMs)) {
    throw new RangeError(`time is ${timeMs}, expected epoch milliseconds between 1900 and 2299`)
  }
  reserve(buffer, 8)
  buffer.bytes.writeUInt32LE(whole >>> 0, buffer.length)
  buffer.length = buffer.bytes.writeInt32LE(Math.floor(whole / 2 ** 32), buffer.length + 4)
}

/** What DateTime64 can say; it would wrap other times round without a word. */
const firstTimeMs = Date.UTC(1900, 0, 1)
const lastTimeMs = Date.UTC(2300, 0, 1) - 1

/** Map(String, String): count, then key and value by turns. */
export function writePairs(buffer: RowBuffer, pairs: Readonly<Record<string, string>>): void {
  const keys = Object.keys(pairs)
  writeCount(buffer, keys.length)
  for (const key of keys) {
    writeString(buffer, key)
    writeString(buffer, pairs[key] ?? '')
  }
}

/** Array(String): count, then the elements. */
export function writeStrings(buffer: RowBuffer, values: readonly string[]): void {
  writeCount(buffer, values.length)
  for (const value of values) writeString(buffer, value)
}

/** Makes room, so that as many bytes can be written at `length` by hand. */
export function reserve(buffer: RowBuffer, bytes: number): void {
  const needed = buffer.length + bytes
  if (needed <= buffer.bytes.length) return
  const grown = Buffer.allocUnsafe(Math.max(needed, buffer.bytes.length * 2))
  buffer.bytes.copy(grown, 0, 0, buffer.length)
  buffer.bytes = grown
}
