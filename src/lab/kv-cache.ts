/** The blocks that one sequence holds. */
export interface KvLease {
  /** Keys of shared prompt blocks, in prompt order. */
  shared: string[]
  privateBlocks: number
}

/** Paged key-value cache of one engine, counted in blocks. */
export interface KvCache {
  readonly totalBlocks: number
  readonly blockTokens: number
  /** Blocks that sequences hold; cached blocks that nobody holds count as free, as vLLM counts them. */
  usedBlocks(): number
  /** Takes blocks for `tokens` tokens, reusing the longest cached prefix; `null` when they do not fit. */
  lease(tokens: number, prefixKeys: readonly string[]): KvLease | null
  /** Extends a lease to `tokens` tokens; false when the cache is full. */
  grow(lease: KvLease, tokens: number): boolean
  /** Offers a computed prompt's full blocks to later sequences. */
  publish(lease: KvLease, prefixKeys: readonly string[]): void
  release(lease: KvLease): void
}

/**
 * A cache for `capacityTokens` tokens in blocks of `blockTokens`.
 * Unheld cached blocks are evicted in least-recently-released order.
 */
export function createKvCache(capacityTokens: number, blockTokens: number): KvCache {
  const pool = createPool(Math.floor(capacityTokens / blockTokens))
  const blocksFor = (tokens: number) => Math.ceil(tokens / blockTokens)

  const release = (lease: KvLease) => {
    pool.giveBack(lease.privateBlocks)
    lease.shared.forEach((key) => pool.letGo(key))
    lease.shared = []
    lease.privateBlocks = 0
  }

  return {
    totalBlocks: pool.totalBlocks,
    blockTokens,
    usedBlocks: () => pool.used(),
    lease: (tokens, prefixKeys) => {
      const lease: KvLease = { shared: pool.cachedPrefix(prefixKeys), privateBlocks: 0 }
      lease.shared.forEach((key) => pool.hold(key))
      const more = Math.max(0, blocksFor(tokens) - lease.shared.length)
      if (pool.take(more)) {
        lease.privateBlocks = more
        return lease
      }
      release(lease)
      return null
    },
    grow: (lease, tokens) => {
      const more = blocksFor(tokens) - lease.shared.length - lease.privateBlocks
      if (more <= 0) return true
      if (!pool.take(more)) return false
      lease.privateBlocks += more
      return true
    },
    publish: (lease, prefixKeys) => {
      for (const key of prefixKeys.slice(lease.shared.length)) {
        // Another sequence computed the same block meanwhile: keep our own copy private.
        if (!pool.share(key)) break
        lease.shared.push(key)
        lease.privateBlocks -= 1
      }
    },
    release,
  }
}

/** Counts blocks: held privately, held under a key, or cached under a key that nobody holds. */
function createPool(totalBlocks: number) {
  /** Holders by key; insertion order is release order for keys without holders. */
  const holders = new Map<string, number>()
  let used = 0
  let unheld = 0

  const evict = () => {
    for (const [key, count] of holders) {
      if (used + unheld <= totalBlocks) break
      if (count > 0) continue
      holders.delete(key)
      unheld -= 1
    }
  }

  return {
    totalBlocks,
    used: () => used,
    take: (blocks: number): boolean => {
      if (used + blocks > totalBlocks) return false
      used += blocks
      evict()
      return true
    },
    giveBack: (blocks: number): void => {
      used -= blocks
    },
    cachedPrefix: (keys: readonly string[]): string[] => {
      const firstMiss = keys.findIndex((key) => !holders.has(key))
      return keys.slice(0, firstMiss === -1 ? keys.length : firstMiss)
    },
    hold: (key: string): void => {
      const count = holders.get(key) ?? 0
      if (count === 0) {
        unheld -= 1
        used += 1
      }
      holders.set(key, count + 1)
    },
    letGo: (key: string): void => {
      const count = (holders.get(key) ?? 1) - 1
      if (count === 0) {
        holders.delete(key)
        used -= 1
        unheld += 1
      }
      holders.set(key, count)
    },
    /** Puts a held private block under a key; false when the key is known already. */
    share: (key: string): boolean => {
      if (holders.has(key)) return false
      holders.set(key, 1)
      return true
    },
  }
}
