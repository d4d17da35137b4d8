// The memory of what was accepted, made anew at start from what is on disk.
import type { HandOver } from './hand-overs.ts'
import { createKeyMemory, type KeyBounds, type KeyMemory } from './key-memory.ts'
import { readPending } from './pending-segments.ts'

export interface RememberedOptions {
  /** What has left the spool lately. */
  readonly handOvers: readonly HandOver[]
  /** Spool directories, after their recovery. What is set aside counts too: it may be mended. */
  readonly directories: readonly string[]
  readonly bounds?: KeyBounds
}

/** All keys whose rows are durable, within the bounds. */
export async function rememberedKeys(options: RememberedOptions): Promise<KeyMemory> {
  const memory = createKeyMemory(options.bounds)
  const pending = (await Promise.all(options.directories.map(readPending))).flat()
  const runs = [
    ...options.handOvers.map(({ atMs, keys }) => ({ atMs, keys })),
    ...pending.flatMap(({ createdAtMs, commits }) =>
      (commits ?? []).map(({ keys }) => ({ atMs: createdAtMs, keys })),
    ),
  ]
  for (const { atMs, keys } of runs.toSorted((a, b) => a.atMs - b.atMs)) memory.add(keys, atMs)
  return memory
}
