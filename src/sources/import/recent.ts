// A bounded memory of what came lately.

export interface Recent<Value> {
  get(key: string): Value | undefined
  /** @param weight characters that the entry keeps in memory; default the key's */
  set(key: string, value: Value, weight?: number): void
  delete(key: string): void
}

/**
 * Remembers at least the newest `most / 2` entries and never more than `most`, or as many as weigh that much.
 * Two generations: when the young one is full it becomes the old one and the former old one goes. What is read
 * moves to the young one.
 * @param mostWeight characters that all entries together may keep
 */
export function createRecent<Value>(most: number, mostWeight = 64 * most): Recent<Value> {
  let young = new Map<string, Entry<Value>>()
  let old = new Map<string, Entry<Value>>()
  let weight = 0
  const add = (key: string, entry: Entry<Value>) => {
    if (!young.has(key)) weight += entry.weight
    young.set(key, entry)
    if (young.size < most / 2 && weight < mostWeight / 2) return
    old = young
    young = new Map()
    weight = 0
  }
  return {
    get(key) {
      const entry = young.get(key)
      if (entry !== undefined) return entry.value
      const older = old.get(key)
      if (older !== undefined) add(key, older)
      return older?.value
    },
    set: (key, value, entryWeight = key.length) => add(key, { value, weight: entryWeight }),
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
  }
}

interface Entry<Value> {
  readonly value: Value
  readonly weight: number
}
