// The same prompt is asked again and again, and a reference even more often: each text is encoded once.
import { createHash } from 'node:crypto'
import type { Encoder } from './encoder.ts'

/** An encoder that remembers the vectors of the `capacity` texts that were used last, by the hash of their content. */
export function cachedEncoder(encoder: Encoder, capacity: number): Encoder {
  // A Map keeps the order of insertion, so its first key is the one that was used longest ago.
  const kept = new Map<string, Float32Array>()

  function recall(key: string): Float32Array | undefined {
    const vector = kept.get(key)
    if (vector === undefined) return undefined
    kept.delete(key)
    kept.set(key, vector)
    return vector
  }

  function keep(key: string, vector: Float32Array): void {
    kept.set(key, vector)
    const oldest = kept.keys().next()
    if (kept.size > capacity && oldest.done !== true) kept.delete(oldest.value)
  }

  return {
    name: encoder.name,
    async encode(texts, signal) {
      const keys = texts.map((text) => createHash('sha256').update(text).digest('base64'))
      const found = new Map<string, Float32Array>()
      const missing = new Map<string, string>()
      for (const [index, key] of keys.entries()) {
        const vector = recall(key)
        if (vector === undefined) missing.set(key, texts[index] ?? '')
        else found.set(key, vector)
      }
      const made = missing.size === 0 ? [] : await encoder.encode([...missing.values()], signal)
      for (const [index, key] of [...missing.keys()].entries()) {
        const vector = made[index]
        if (vector === undefined) throw new Error(`the encoder ${encoder.name} left out a vector`)
        found.set(key, vector)
        keep(key, vector)
      }
      return keys.flatMap((key) => found.get(key) ?? [])
    },
    close: () => encoder.close(),
  }
}
