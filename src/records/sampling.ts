import { createHash } from 'node:crypto'

/**
 * Whether a call belongs to the quality sample: decided at admission from its id alone, so that any process
 * comes to the same answer and an answer's content can never bias the draw.
 * @param probability inclusion probability in [0,1]
 */
export function isDrawn(salt: string, callId: string, probability: number): boolean {
  if (probability >= 1) return true
  if (probability <= 0) return false
  return firstBits(salt + callId) < BigInt(Math.ceil(probability * 2 ** 56))
}

/** The first 56 bits of SHA-256 as a number in [0, 2^56). */
function firstBits(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64BE(0) >> 8n
}
