import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexAt, scaleOf, timeTicks } from './scale.ts'

test('an axis has round ends and few ticks', () => {
  expect(scaleOf([1.44, 2.88], { floor: 0 })).toEqual({ min: 0, max: 3, ticks: [0, 1, 2, 3] })
  expect(scaleOf([0.83, 0.91], { ceiling: 1, span: 0.2 }).max).toBeLessThanOrEqual(1.05)
})

test('without values there is still an axis', () => {
  expect(scaleOf([null], { floor: 0 }).ticks.length).toBeGreaterThan(1)
  expect(scaleOf([], { ceiling: 1 })).toMatchObject({ min: 0, max: 1 })
})

test('every value lies on its axis, up to the ceiling', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((v) => Number(v.toFixed(3)))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const { min, max, ticks } = scaleOf(values)
      expect(min).toBeLessThanOrEqual(Math.min(...values))
      expect(max).toBeGreaterThanOrEqual(Math.max(...values))
      expect(ticks.length).toBeGreaterThanOrEqual(2)
      expect(ticks.length).toBeLessThanOrEqual(6)
    }),
  )
})

test('scores never get an axis above one, nor one so narrow that noise looks like news', () => {
  const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(scores, (values) => {
      const { min, max } = scaleOf(values, { ceiling: 1, span: 0.2 })
      expect(max).toBeLessThanOrEqual(1)
      expect(max - min).toBeGreaterThan(0.199)
    }),
  )
})

test('time ticks are round and inside', () => {
  const from = Date.UTC(2026, 10, 24, 11, 0, 7)
  const ticks = timeTicks(from, from + 900_000, 900)
  expect(ticks.every((tick) => tick >= from && tick <= from + 900_000)).toBe(true)
  expect(ticks.every((tick) => tick % 120_000 === 0)).toBe(true)
  expect(ticks).toHaveLength(7)
})

test('time ticks keep their distance', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60_000, max: 90 * 86_400_000 }),
      fc.integer({ min: 200, max: 2000 }),
      (length, width) => {
        const from = Date.UTC(2026, 10, 24)
        const ticks = timeTicks(from, from + length, width)
        const [first = 0, second = Infinity] = ticks
        if (length < 60 * 86_400_000) {
          expect(((second - first) / length) * width).toBeGreaterThanOrEqual(89.99)
        }
        expect(ticks.length).toBeLessThanOrEqual(24)
      },
    ),
  )
})

test('the step at a time is the last that began', () => {
  const starts = [10, 20, 30]
  expect([5, 10, 19, 20, 99].map((time) => indexAt(starts, time))).toEqual([-1, 0, 0, 1, 2])
})
