import { createHash, randomFillSync } from 'node:crypto'

/**
 * UUIDv7 (RFC 9562 5.7): 48 bits of epoch milliseconds, then 74 random bits, so ids sort by time.
 * @param timeMs epoch milliseconds
 */
export function uuidv7(timeMs: number): string {
  const bytes = Buffer.from(randomBytes(16))
  bytes.writeUIntBE(timeMs, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return hyphenated(bytes)
}

/** UUIDv8 (RFC 9562 5.8) of a text: the same for the same text. */
export function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return hyphenated(bytes)
}

function hyphenated(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** W3C span id: 16 random hex digits. */
export function newSpanId(): string {
  return randomBytes(8).toString('hex')
}

// Randomness is drawn in blocks: a draw costs 5 µs whatever its size, and every call needs two.
const block = Buffer.alloc(4_096)
let used = block.length

/** A view that is valid until the next draw of a block. */
function randomBytes(count: number): Buffer {
  if (used + count > block.length) {
    randomFillSync(block)
    used = 0
  }
  used += count
  return block.subarray(used - count, used)
}
