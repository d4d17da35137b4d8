import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  defaultView,
  formatView,
  parseView,
  rangeNames,
  stepFor,
  zoomed,
  type View,
} from './view.ts'

test('the default view has a bare address', () => {
  expect(formatView(defaultView)).toBe('')
  expect(parseView('')).toEqual(defaultView)
})

test('a link written out', () => {
  const view = parseView('?from=1000&to=2000&models=a,b%252Cc&dim=safety&theme=dark')
  expect(view).toEqual({
    range: { kind: 'fixed', fromMs: 1000, toMs: 2000 },
    models: ['a', 'b,c'],
    dimension: 'safety',
    theme: 'dark',
  })
})

const view: fc.Arbitrary<View> = fc.record({
  range: fc.oneof(
    fc.constantFrom(...rangeNames).map((name) => ({ kind: 'last' as const, name })),
    fc
      .tuple(fc.integer({ min: 1, max: 2e12 }), fc.integer({ min: 1, max: 1e10 }))
      .map(([fromMs, length]) => ({ kind: 'fixed' as const, fromMs, toMs: fromMs + length })),
  ),
  models: fc.array(fc.string({ minLength: 1 })),
  dimension: fc.constantFrom('composite', 'safety', 'hallucination'),
  theme: fc.constantFrom('auto', 'light', 'dark'),
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(view, (v) => {
      expect(parseView(formatView(v))).toEqual(v)
    }),
  )
})

test('any address is a view', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { range } = parseView(text)
      if (range.kind === 'fixed') expect(range.toMs).toBeGreaterThan(range.fromMs)
    }),
  )
  expect(parseView('?from=9&to=3&range=2h&theme=pink')).toEqual(defaultView)
})

test('at most 300 points, never below ten seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 * 86_400_000 }), (length) => {
      expect(stepFor(length)).toBeGreaterThanOrEqual(10_000)
      expect(length / stepFor(length)).toBeLessThanOrEqual(300)
    }),
  )
  expect([3_600_000, 86_400_000].map(stepFor)).toEqual([15_000, 300_000])
})

test('zoom keeps the middle and stops at a minute', () => {
  expect(zoomed({ fromMs: 0, toMs: 400_000 }, 0.5)).toEqual({
    kind: 'fixed',
    fromMs: 100_000,
    toMs: 300_000,
  })
  expect(zoomed({ fromMs: 0, toMs: 60_000 }, 0.5)).toMatchObject({ fromMs: 0, toMs: 60_000 })
})
