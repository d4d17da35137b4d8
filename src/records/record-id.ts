import { randomBytes } from 'node:crypto'

/**
 * UUIDv7 (RFC 9562 5.7): 48 bits of epoch milliseconds, then 74 random bits, so ids sort by time.
 * @param timeMs epoch milliseconds
 */
export function uuidv7(timeMs: number): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(timeMs, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
