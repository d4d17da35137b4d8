import type { ExtraPattern } from './detector.ts'
import { redact } from './redact.ts'

/** Bytes to read past a bound before redaction, so that a secret is not cut in two and kept by halves. */
export const redactionOverlap = 512

/** The redacted text, cut to so many bytes of UTF-8 but never within a character. */
export function redactedWithin(
  text: string,
  maxBytes: number,
  patterns: readonly ExtraPattern[],
): string {
  const { text: clean } = redact(text.slice(0, maxBytes + redactionOverlap), patterns)
  if (clean.length * 3 <= maxBytes) return clean
  const bytes = Buffer.from(clean)
  if (bytes.length <= maxBytes) return clean
  // Not in the middle of a character.
  let end = maxBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}
