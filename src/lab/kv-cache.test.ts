import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKvCache, type KvLease } from './kv-cache.ts'

test('a lease rounds up to whole blocks and grows when it needs one more', () => {
  const cache = createKvCache(64, 16)
  const lease = cache.lease(17, [])
  expect(cache.usedBlocks()).toBe(2)
  expect(lease && cache.grow(lease, 32)).toBe(true)
  expect(cache.usedBlocks()).toBe(2)
  expect(lease && cache.grow(lease, 33)).toBe(true)
  expect(cache.usedBlocks()).toBe(3)
  expect(lease && cache.grow(lease, 65)).toBe(false)
  expect(cache.lease(17, [])).toBeNull()
})

test('a published prefix is shared, stays cached when released and is evicted when room is needed', () => {
  const cache = createKvCache(64, 16)
  const keys = ['a', 'b']
  const first = cache.lease(40, keys)
  if (first === null) throw new Error('did not fit')
  expect(first.shared).toEqual([])
  cache.publish(first, keys)
  const second = cache.lease(40, keys)
  expect(second?.shared).toEqual(keys)
  expect(cache.usedBlocks()).toBe(4)
  cache.release(first)
  if (second !== null) cache.release(second)
  expect(cache.usedBlocks()).toBe(0)
  expect(cache.lease(40, ['a', 'x'])?.shared).toEqual(['a'])
  expect(cache.lease(16, [])).not.toBeNull()
  // The whole cache is held, so "b" went and only "a" can still be shared.
  expect(cache.lease(17, keys)).toBeNull()
  expect(cache.lease(16, keys)?.shared).toEqual(['a'])
})

test('blocks in use are always those of the open leases, and never more than there are', () => {
  const action = fc.record({
    open: fc.boolean(),
    tokens: fc.integer({ min: 1, max: 100 }),
    prefix: fc.integer({ min: 0, max: 5 }),
    pick: fc.nat(),
  })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const cache = createKvCache(320, 16)
      const leases: { lease: KvLease; keys: string[] }[] = []
      for (const { open, tokens, prefix, pick } of actions) {
        if (open) {
          const keys = Array.from({ length: Math.floor(tokens / 16) }, (_, i) => `${prefix}.${i}`)
          const lease = cache.lease(tokens, keys)
          if (lease !== null) {
            cache.publish(lease, keys)
            leases.push({ lease, keys })
          }
        } else if (leases.length > 0) {
          const [closed] = leases.splice(pick % leases.length, 1)
          if (closed !== undefined) cache.release(closed.lease)
        }
        const shared = new Set(leases.flatMap(({ lease }) => lease.shared))
        const own = leases.reduce((sum, { lease }) => sum + lease.privateBlocks, 0)
        expect(cache.usedBlocks()).toBe(shared.size + own)
        expect(cache.usedBlocks()).toBeLessThanOrEqual(cache.totalBlocks)
      }
      for (const { lease } of leases) cache.release(lease)
      expect(cache.usedBlocks()).toBe(0)
    }),
  )
})
