import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { UserError } from '../../records/failure.ts'
import { boardWindow, steps, type BoardQuery } from './request.ts'

const nowMs = Date.UTC(2026, 0, 1, 12, 0, 7)
const none: BoardQuery = { from: undefined, to: undefined, step: undefined, models: undefined }

const ask = (query: Partial<BoardQuery>) => boardWindow('p', { ...none, ...query }, nowMs)

test('by default the last 15 minutes of finished ten-second steps', () => {
  expect(ask({})).toEqual({
    project: 'p',
    fromMs: Date.UTC(2026, 0, 1, 11, 45),
    toMs: Date.UTC(2026, 0, 1, 12),
    stepMs: 10_000,
    source: 'raw',
    models: [],
  })
})

test.each([
  ['-1h', 10_000, 'raw'],
  ['-61m', 60_000, 'rollup'],
  ['-6h', 60_000, 'rollup'],
  ['-24h', 300_000, 'rollup'],
  ['-7d', 1_800_000, 'rollup'],
  ['-90d', 21_600_000, 'rollup'],
])('from %s reads steps of %d ms from the %s tables', (from, stepMs, source) => {
  expect(ask({ from })).toMatchObject({ stepMs, source })
})

test('a step is the finest wanted, rounded up to one on offer', () => {
  expect(ask({ step: '30s' }).stepMs).toBe(30_000)
  expect(ask({ step: '31s' }).stepMs).toBe(60_000)
  expect(ask({ step: '1ms' }).stepMs).toBe(10_000)
  expect(ask({ from: '-6h', step: '10s' }).stepMs).toBe(60_000)
})

test('models are a set', () => {
  expect(ask({ models: 'a, b,,a' }).models).toEqual(['a', 'b'])
  expect(() =>
    ask({ models: Array.from({ length: 51 }, (_, at) => String(at)).join(',') }),
  ).toThrow(UserError)
})

test.each([
  [{ from: 'now', to: '-1m' }, 'must lie before'],
  [{ from: '+1h', to: '+2h' }, 'in the future'],
  [{ from: '2001-01-01' }, 'ask for a shorter window'],
  [{ step: 'fast' }, 'is not a duration'],
])('refused: %j', (query, reason) => {
  expect(() => ask(query)).toThrow(reason)
})

test('every window is whole steps, at most 600, covers what was asked and ends by now', () => {
  const ages = fc.tuple(
    fc.integer({ min: 0, max: 400 * 86_400_000 }),
    fc.integer({ min: 1, max: 100 * 86_400_000 }),
  )
  fc.assert(
    fc.property(
      ages,
      fc.constantFrom(undefined, '10s', '45s', '7m', '1d'),
      ([ageMs, lengthMs], step) => {
        const toMs = nowMs - ageMs
        const window = ask({ from: String(toMs - lengthMs), to: String(toMs), step })
        const points = (window.toMs - window.fromMs) / window.stepMs
        expect(Number.isInteger(points) && points >= 1 && points <= 600).toBe(true)
        expect(steps).toContain(window.stepMs)
        expect(window.fromMs % window.stepMs).toBe(0)
        expect(window.fromMs).toBeLessThanOrEqual(toMs - lengthMs)
        expect(window.toMs).toBeGreaterThan(toMs - window.stepMs)
        expect(window.toMs).toBeLessThanOrEqual(nowMs)
        if (window.source === 'rollup') expect(window.stepMs % 60_000).toBe(0)
        else expect(60_000 % window.stepMs).toBe(0)
      },
    ),
  )
})
