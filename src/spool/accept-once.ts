// One port for all doors: a client that got no answer sends its batch again, and what was accepted once is not accepted
// twice, also not after the process was killed in between. Keys are as durable as their rows: the same commit holds both.
import type { Accept, RecordKind, RecordKinds } from '../records/record-kind.ts'
import type { KeyMemory } from './key-memory.ts'
import { keyBytes, keysOf, type RecordKeys } from './record-keys.ts'

export interface AcceptOnce {
  /**
   * Accepts the records whose key is new and resolves once all of them, also those that another request has
   * under way, are durable. When the disk refuses, nothing is remembered: the next try may have them.
   * @param keyOf the same for a record that is sent again, within its kind
   * @returns how many were new
   */
  records<Kind extends RecordKind>(
    kind: Kind,
    records: readonly RecordKinds[Kind][],
    keyOf: (record: RecordKinds[Kind]) => string,
  ): Promise<number>
  /**
   * As `records` for a request that is new or not as a whole.
   * @param append hands the keys to one `accept`, whose rows are durable with them
   * @returns whether it was new
   */
  batch(key: string, append: (keys: RecordKeys) => Promise<void>): Promise<boolean>
}

/** @param memory what was accepted before, e.g. by the process that was killed */
export function createAcceptOnce(accept: Accept, memory: KeyMemory, now: () => number): AcceptOnce {
  const underWay = new Map<string, Promise<void>>()

  const run = async (
    keys: RecordKeys,
    append: (fresh: readonly number[], freshKeys: RecordKeys) => Promise<void>,
  ): Promise<number> => {
    const waiting = new Set<Promise<void>>()
    const fresh = new Map<string, number>()
    for (let index = 0; index < keys.length / keyBytes; index += 1) {
      const name = nameOf(keys, index)
      const other = underWay.get(name)
      if (other !== undefined) waiting.add(other)
      else if (!fresh.has(name) && !memory.has(keys, index)) fresh.set(name, index)
    }
    if (fresh.size > 0) {
      const freshKeys = pick(keys, [...fresh.values()])
      const appended = append([...fresh.values()], freshKeys)
        .then(() => memory.add(freshKeys, now()))
        .finally(() => fresh.forEach((_, name) => underWay.delete(name)))
      fresh.forEach((_, name) => underWay.set(name, appended))
      waiting.add(appended)
    }
    await Promise.all(waiting)
    return fresh.size
  }

  return {
    records: async (kind, records, keyOf) =>
      await run(
        keysOf(records.map((record) => `${kind} ${keyOf(record)}`)),
        async (fresh, keys) => await accept(kind, chosen(records, fresh), keys),
      ),
    batch: async (key, append) =>
      (await run(keysOf([`batch ${key}`]), async (_, keys) => await append(keys))) === 1,
  }
}

/** The key as a text of 8 characters, for a Map. */
function nameOf(keys: RecordKeys, index: number): string {
  return Buffer.from(keys.buffer, keys.byteOffset + index * keyBytes, keyBytes).toString('latin1')
}

function pick(keys: RecordKeys, indexes: readonly number[]): RecordKeys {
  const picked = new Uint8Array(indexes.length * keyBytes)
  for (const [at, index] of indexes.entries()) {
    picked.set(keys.subarray(index * keyBytes, (index + 1) * keyBytes), at * keyBytes)
  }
  return picked
}

function chosen<Item>(items: readonly Item[], indexes: readonly number[]): readonly Item[] {
  const wanted = new Set(indexes)
  return items.filter((_, index) => wanted.has(index))
}
