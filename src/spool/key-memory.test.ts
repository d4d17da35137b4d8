import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKeyMemory } from './key-memory.ts'
import { keysOf } from './record-keys.ts'

const texts = fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 })

test('it knows what was added and nothing else', () => {
  fc.assert(
    fc.property(texts, texts, (added, asked) => {
      const memory = createKeyMemory()
      memory.add(keysOf(added), 0)
      const known = new Set(added)
      const keys = keysOf(asked)
      expect(asked.map((_, index) => memory.has(keys, index))).toEqual(
        asked.map((text) => known.has(text)),
      )
    }),
  )
})

test('keys of any bytes are told apart, zero included', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (key) => {
      const memory = createKeyMemory()
      expect(memory.has(key, 0)).toBe(false)
      memory.add(key, 0)
      expect(memory.has(key, 0)).toBe(true)
    }),
    { examples: [[new Uint8Array(8)]] },
  )
})

test('it never holds more than its bound, and the newest are known', () => {
  const memory = createKeyMemory({ keepMs: 1e12, mostKeys: 800 })
  const all = Array.from({ length: 5_000 }, (_, index) => String(index))
  for (const text of all) {
    memory.add(keysOf([text]), 0)
    expect(memory.size()).toBeLessThanOrEqual(800)
  }
  const newest = keysOf(all.slice(-700))
  expect(all.slice(-700).every((_, index) => memory.has(newest, index))).toBe(true)
})

test('a key is known for the time that is asked for, and not for ever', () => {
  const memory = createKeyMemory({ keepMs: 800, mostKeys: 1_000 })
  memory.add(keysOf(['old']), 0)
  for (let timeMs = 1; timeMs <= 800; timeMs += 1) memory.add(keysOf([`k${timeMs}`]), timeMs)
  expect(memory.has(keysOf(['old']), 0)).toBe(true)
  memory.add(keysOf(['late']), 2_000)
  expect(memory.has(keysOf(['old']), 0)).toBe(false)
})
