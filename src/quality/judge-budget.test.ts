import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBudget } from './judge-budget.ts'

test('money is held before it is spent and the day ends at midnight UTC', () => {
  let timeMs = Date.UTC(2026, 6, 31, 23, 59)
  const budget = openBudget(1, () => timeMs)
  expect(budget.reserve(0.6)).toBe(true)
  expect(budget.reserve(0.6)).toBe(false)
  budget.settle(0.6, 0.3)
  expect(budget.spentTodayUsd()).toBe(0.3)
  expect(budget.reserve(0.6)).toBe(true)
  budget.settle(0.6, 0.7)
  expect(budget.reserve(0.1)).toBe(false)
  timeMs += 60_000
  expect(budget.spentTodayUsd()).toBe(0)
  expect(budget.reserve(0.9)).toBe(true)
})

test('what an earlier process spent counts, and a free judge has no bound', () => {
  const budget = openBudget(1, () => 0)
  budget.charge(1)
  expect(budget.reserve(0.01)).toBe(false)
  const free = openBudget(0, () => 0)
  expect(free.reserve(0)).toBe(true)
})

test('with honest reservations the limit holds in any order', () => {
  const step = fc.record({ usd: fc.double({ min: 0, max: 1, noNaN: true }), end: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const budget = openBudget(2, () => 0)
      const open: number[] = []
      for (const { usd, end } of steps) {
        if (end) {
          const held = open.shift()
          if (held !== undefined) budget.settle(held, held * usd)
        } else if (budget.reserve(usd)) open.push(usd)
      }
      for (const held of open) budget.settle(held, held)
      expect(budget.spentTodayUsd()).toBeLessThanOrEqual(2 + 1e-9)
    }),
  )
})
