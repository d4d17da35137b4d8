import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { poolIntervals, poolTimes } from './pooling.ts'

const minute = 60_000
const times = (count: number, stepMs: number, startMs = 0) =>
  Array.from({ length: count }, (_, i) => startMs + i * stepMs)
const constant = (count: number, n: number) => Array.from({ length: count }, () => n)

test('enough answers a step: nothing is joined', () => {
  const pooled = poolTimes(times(60, minute), minute, [constant(60, 40)])
  expect(pooled.groupMs).toBe(minute)
  const columns = { value: [0.9], lower: [0.8], upper: [0.95], n: [40] }
  expect(poolIntervals(columns, pooled, minute)).toBe(columns)
})

test('few answers a step: round groups that hold thirty', () => {
  const pooled = poolTimes(times(60, minute), minute, [constant(60, 12), constant(60, 100)])
  expect(pooled.groupMs).toBe(3 * minute)
  expect(pooled.startsMs).toHaveLength(20)
  expect(pooled.middlesMs[0]).toBe(1.5 * minute)
})

test('groups stay where they are when the window moves', () => {
  const early = poolTimes(times(60, minute, 0), minute, [constant(60, 12)])
  const later = poolTimes(times(60, minute, 3 * minute), minute, [constant(60, 12)])
  expect(later.startsMs.slice(0, 5)).toEqual(early.startsMs.slice(1, 6))
})

test('a scrap at the end joins its neighbour', () => {
  const pooled = poolTimes(times(61, minute), minute, [constant(61, 12)])
  expect(pooled.startsMs).toHaveLength(20)
  expect(pooled.groupOf.at(-1)).toBe(19)
})

test('never fewer than five groups, whatever is missing', () => {
  const pooled = poolTimes(times(90, 10_000), 10_000, [constant(90, 0.01)])
  expect(pooled.startsMs.length).toBeGreaterThanOrEqual(5)
})

test('pooling keeps every answer, means stay between extremes, intervals around means', () => {
  const step = fc.oneof(
    fc.constant(null),
    fc.record({
      value: fc.double({ min: 0, max: 1, noNaN: true }),
      n: fc.integer({ min: 1, max: 20 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
      const columns = {
        value: steps.map((s) => s?.value ?? null),
        lower: steps.map((s) => s?.value ?? null),
        upper: steps.map((s) => s?.value ?? null),
        n: steps.map((s) => s?.n ?? 0),
      }
      const pooledTimes = poolTimes(times(steps.length, 10_000), 10_000, [columns.n])
      const pooled = poolIntervals(columns, pooledTimes, 10_000)
      expect(sum(pooled.n)).toBe(sum(columns.n))
      for (const [i, value] of pooled.value.entries()) {
        expect(value === null).toBe(pooled.n[i] === 0)
        if (value === null) continue
        expect(pooled.lower[i]).toBeLessThanOrEqual(value)
        expect(pooled.upper[i]).toBeGreaterThanOrEqual(value)
        expect(pooled.lower[i]).toBeGreaterThanOrEqual(0)
        expect(pooled.upper[i]).toBeLessThanOrEqual(1)
      }
    }),
  )
})

const sum = (ns: readonly number[]) => ns.reduce((a, b) => a + b, 0)

test('the interval of a joined group is Wilson’s', () => {
  const columns = {
    value: constant(60, 0.9),
    lower: constant(60, 0),
    upper: constant(60, 1),
    n: constant(60, 20),
  }
  const pooled = poolIntervals(columns, poolTimes(times(60, minute), minute, [columns.n]), minute)
  // 36 of 40: [0.7695, 0.9604] by Wilson's formula.
  expect(pooled.n[0]).toBe(40)
  expect(pooled.lower[0]).toBeCloseTo(0.7695, 3)
  expect(pooled.upper[0]).toBeCloseTo(0.9604, 3)
})
