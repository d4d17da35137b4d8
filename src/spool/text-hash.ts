// What a call's row keeps of its texts: short ones whole, of long ones the opening and the hash of the whole.
import { createHash } from 'node:crypto'
import type { Call } from '../records/call.ts'

/** A call with the hashes of its texts; empty where the row holds the text itself. */
export interface HashedCall extends Call {
  readonly promptHash: string
  readonly answerHash: string
}

/** UTF-16 units of text that a row holds. */
export const longestInline = 200

/** The call with the hashes of its long texts, as they are after redaction. */
export function hashedCall(call: Call): HashedCall {
  return { ...call, promptHash: hashOf(call.prompt), answerHash: hashOf(call.answer) }
}

/** First 16 bytes of SHA-256 as hex digits; in SQL `reinterpretAsUInt128(substring(SHA256(text), 1, 16))`. */
function hashOf(text: string): string {
  if (text.length <= longestInline) return ''
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** The text, or its first characters and "…" where it is long. */
export function openingOf(text: string): string {
  if (text.length <= longestInline) return text
  const end = longestInline - 1
  const isPairCut = /[\uD800-\uDBFF]/.test(text.charAt(end - 1))
  return `${text.slice(0, isPairCut ? end - 1 : end)}…`
}
