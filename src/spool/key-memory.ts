// Which keys were accepted lately: 8 bytes each, bounded in time and in number.
import { keyBytes, type RecordKeys } from './record-keys.ts'

export interface KeyMemory {
  /** Whether the key at this position of `keys` is remembered. */
  has(keys: RecordKeys, index: number): boolean
  /** Remembers all of `keys`. @param timeMs when they were accepted (epoch ms); never before the last ones */
  add(keys: RecordKeys, timeMs: number): void
  size(): number
}

/** How long and how many at most. */
export interface KeyBounds {
  /** A key is known for at least so long (ms), unless ... */
  readonly keepMs: number
  /** ... so many came after it, less one eighth. */
  readonly mostKeys: number
}

/** A day is longer than any exporter tries again; 4 million keys take at most 128 MB, and nothing while unused. */
export const keyBounds: KeyBounds = { keepMs: 24 * 3_600_000, mostKeys: 4_000_000 }

/** Keys are forgotten an eighth at a time. */
export const generations = 8

/** An empty memory. */
export function createKeyMemory({ keepMs, mostKeys }: KeyBounds = keyBounds): KeyMemory {
  let held: Generation[] = []
  const current = (timeMs: number): Generation => {
    const last = held.at(-1)
    const isOpen =
      last !== undefined &&
      last.keys.size < mostKeys / generations &&
      timeMs - last.fromMs < keepMs / generations
    if (isOpen) return last
    const next: Generation = { keys: new KeySet(), fromMs: timeMs, toMs: timeMs }
    held.push(next)
    return next
  }
  const size = () => held.reduce((sum, { keys }) => sum + keys.size, 0)
  return {
    has(keys, index) {
      const { low, high } = wordsAt(keys, index)
      return held.some((generation) => generation.keys.has(low, high))
    },
    add(keys, timeMs) {
      for (let index = 0; index < keys.length / keyBytes; index += 1) {
        const generation = current(timeMs)
        generation.toMs = timeMs
        const { low, high } = wordsAt(keys, index)
        generation.keys.add(low, high)
      }
      while (held.length > 1 && (size() > mostKeys || (held[0]?.toMs ?? 0) < timeMs - keepMs)) {
        held = held.slice(1)
      }
    },
    size,
  }
}

interface Generation {
  readonly keys: KeySet
  readonly fromMs: number
  toMs: number
}

interface Words {
  readonly low: number
  readonly high: number
}

function wordsAt(keys: RecordKeys, index: number): Words {
  const view = new DataView(keys.buffer, keys.byteOffset + index * keyBytes, keyBytes)
  const low = view.getUint32(0, true)
  const high = view.getUint32(4, true)
  // Two zeros mark a free slot.
  return low === 0 && high === 0 ? { low: 1, high } : { low, high }
}

/** Open addressing over two words a key; the keys are hashes already. */
class KeySet {
  size = 0
  #slots = new Uint32Array(2 * 1_024)

  has(low: number, high: number): boolean {
    const at = this.#slotOf(low, high)
    return this.#slots[at] === low && this.#slots[at + 1] === high
  }

  add(low: number, high: number): void {
    if (this.size * 4 > this.#slots.length) this.#grow()
    const at = this.#slotOf(low, high)
    if (this.#slots[at] === low && this.#slots[at + 1] === high) return
    this.#slots[at] = low
    this.#slots[at + 1] = high
    this.size += 1
  }

  /** Where the key is, or would be. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length / 2 - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 2
      const isFree = this.#slots[at] === 0 && this.#slots[at + 1] === 0
      if (isFree || (this.#slots[at] === low && this.#slots[at + 1] === high)) return at
    }
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(before.length * 2)
    this.size = 0
    for (let at = 0; at < before.length; at += 2) {
      const low = before[at] ?? 0
      const high = before[at + 1] ?? 0
      if (low !== 0 || high !== 0) this.add(low, high)
    }
  }
}
