import { expect, test } from 'vitest'
import { contentHash } from './content-hash.ts'

test('the order of keys does not matter, that of lists and the values do', () => {
  expect(contentHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    contentHash({ b: { d: null, c: [1, 2] }, a: 1 }),
  )
  const hashes = [{ a: [1, 2] }, { a: [2, 1] }, { a: '1,2' }, null].map(contentHash)
  expect(new Set(hashes).size).toBe(4)
  expect(hashes[0]).toMatch(/^[0-9a-f]{12}$/)
})
