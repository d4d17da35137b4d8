import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDrawn } from './sampling.ts'

describe('isDrawn', () => {
  test('is the first 56 bits of SHA-256 against p', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.uuid(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (salt, id, p) => {
          const hex = createHash('sha256')
            .update(salt + id)
            .digest('hex')
            .slice(0, 14)
          expect(isDrawn(salt, id, p)).toBe(Number(BigInt(`0x${hex}`)) < p * 2 ** 56)
        },
      ),
    )
  })

  test('a larger probability keeps all that a smaller one drew', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.uuid(), unit, unit, (id, p, q) => {
        if (isDrawn('s', id, Math.min(p, q))) expect(isDrawn('s', id, Math.max(p, q))).toBe(true)
      }),
    )
  })

  test('draws the share that it says, within five standard errors', () => {
    const n = 20_000
    const drawn = Array.from({ length: n }, (_, i) => isDrawn('project', `call-${i}`, 0.05))
    const share = drawn.filter(Boolean).length / n
    expect(Math.abs(share - 0.05)).toBeLessThan(5 * Math.sqrt((0.05 * 0.95) / n))
  })

  test.each([
    [1, true],
    [0, false],
  ])('p = %d is certain', (p, expected) => {
    expect(isDrawn('s', 'id', p)).toBe(expected)
  })
})
