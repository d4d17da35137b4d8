// Keys by which a record that comes again is known, as hashes of 8 bytes, back to back.
import { createHash } from 'node:crypto'

/** So many whole hashes; empty = these rows are never sent again by who made them. */
export type RecordKeys = Uint8Array

/** Bytes of one hash. */
export const keyBytes = 8

export const noKeys: RecordKeys = new Uint8Array(0)

/**
 * Hashes of texts, in their order. 64 bits: among the 4 million that are remembered, a new text is taken for one of
 * them by chance once in 4 million million times.
 */
export function keysOf(texts: readonly string[]): RecordKeys {
  const keys = new Uint8Array(texts.length * keyBytes)
  for (const [index, text] of texts.entries()) {
    keys.set(createHash('sha256').update(text).digest().subarray(0, keyBytes), index * keyBytes)
  }
  return keys
}

/** Runs of keys as one. */
export function joinKeys(runs: readonly RecordKeys[]): RecordKeys {
  return runs.length === 0 ? noKeys : Buffer.concat(runs)
}
