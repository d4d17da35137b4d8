import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { type Hold, type JudgeBudget, openBudget } from './judge-budget.ts'
import { openSpendRecord } from './spend-record.ts'

const unstopped = new AbortController().signal
const directories: string[] = []

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true })
})

function recordFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'equipoise-spend-'))
  directories.push(directory)
  return join(directory, 'judge-spend.json')
}

async function held(budget: JudgeBudget, usd: number): Promise<Hold> {
  const hold = await budget.hold(usd, unstopped)
  if (hold.kind === 'refused') throw new Error(hold.reason)
  return hold
}

const isRefused = async (budget: JudgeBudget, usd: number) =>
  (await budget.hold(usd, unstopped)).kind === 'refused'

test('the day ends at midnight UTC', async () => {
  let timeMs = Date.UTC(2026, 6, 31, 23, 59)
  const budget = openBudget(1, { now: () => timeMs })
  const first = await held(budget, 0.6)
  first.settle(0.3)
  first.settle(0.3)
  expect(budget.spentTodayUsd()).toBe(0.3)
  const second = await held(budget, 0.7)
  second.settle(0.7)
  expect(await isRefused(budget, 0.1)).toBe(true)
  timeMs += 60_000
  expect(budget.spentTodayUsd()).toBe(0)
  expect(await isRefused(budget, 0.9)).toBe(false)
})

test('near the bound a request waits for those under way instead of being refused', async () => {
  const budget = openBudget(1, { now: () => 0 })
  const first = await held(budget, 0.8)
  let isGranted = false
  const second = held(budget, 0.8).then((hold) => {
    isGranted = true
    return hold
  })
  await Promise.resolve()
  expect(isGranted).toBe(false)
  first.settle(0.1)
  const hold = await second
  hold.settle(0.8)
  expect(budget.spentTodayUsd()).toBeCloseTo(0.9, 12)
})

test('a stop ends the wait', async () => {
  const budget = openBudget(1, { now: () => 0 })
  await held(budget, 1)
  const stop = new AbortController()
  const waiting = budget.hold(1, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
})

test('what an earlier process spent counts once, and a free judge has no bound', async () => {
  const budget = openBudget(1, { now: () => 0 })
  budget.charge(0.6)
  budget.charge(0.6)
  expect(budget.spentTodayUsd()).toBe(0.6)
  expect(await isRefused(budget, 0.5)).toBe(true)
  expect(await isRefused(openBudget(0, { now: () => 0 }), 0)).toBe(false)
})

test('a judge that costs more than it can is held to cost so much more the next time', async () => {
  const budget = openBudget(1, { now: () => 0 })
  const first = await held(budget, 0.2)
  first.settle(0.4)
  expect(await isRefused(budget, 0.31)).toBe(true)
  const second = await held(budget, 0.3)
  second.settle(0.6)
  expect(budget.spentTodayUsd()).toBe(1)
})

test('a killed process leaves at least what it spent in the record, a closed one exactly that', async () => {
  const record = openSpendRecord(recordFile())
  const killed = openBudget(1, { now: () => 0, record })
  const done = await held(killed, 0.3)
  done.settle(0.2)
  await held(killed, 0.4)
  const next = openBudget(1, { now: () => 0, record })
  expect(next.spentTodayUsd()).toBeGreaterThanOrEqual(0.6)
  expect(next.spentTodayUsd()).toBeLessThanOrEqual(0.62)
  const hold = await held(next, 0.1)
  hold.settle(0.05)
  const spent = next.spentTodayUsd()
  next.close()
  expect(openBudget(1, { now: () => 0, record }).spentTodayUsd()).toBe(spent)
  expect(openBudget(1, { now: () => 86_400_000, record }).spentTodayUsd()).toBe(0)
})

test('a record that cannot be written stops the spending; one that cannot be read is none', async () => {
  const broken = {
    read: () => 0,
    write: () => {
      throw new Error('the disk is full')
    },
  }
  const refusal = await openBudget(1, { now: () => 0, record: broken }).hold(0.1, unstopped)
  expect(refusal).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('disk is full'),
  })
  const file = recordFile()
  writeFileSync(file, '{"day":')
  expect(openSpendRecord(file).read(0)).toBe(0)
})

test('with honest bounds the limit holds in any order, over kills and restarts too', async () => {
  const step = fc.record({
    usd: fc.double({ min: 0, max: 1, noNaN: true }),
    what: fc.constantFrom('ask', 'ask', 'end', 'kill'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let content = { day: 0, usd: 0 }
      const record = {
        read: (day: number) => (content.day === day ? content.usd : 0),
        write: (day: number, usd: number) => {
          content = { day, usd }
        },
      }
      let budget = openBudget(2, { now: () => 0, record })
      let open: { readonly hold: Hold; readonly usd: number }[] = []
      // What the judge's owner is billed, whoever asked.
      let billed = 0
      for (const { usd, what } of steps) {
        if (what === 'kill') {
          billed += open.reduce((sum, one) => sum + one.usd, 0)
          open = []
          budget = openBudget(2, { now: () => 0, record })
        } else if (what === 'end') {
          const one = open.shift()
          one?.hold.settle(one.usd * usd)
          billed += one === undefined ? 0 : one.usd * usd
        } else {
          // Aborted at once where it would have to wait.
          const stop = new AbortController()
          const asked = budget.hold(usd, stop.signal)
          stop.abort()
          const hold = await asked.catch(() => null)
          if (hold?.kind === 'held') open.push({ hold, usd })
        }
      }
      billed += open.reduce((sum, one) => sum + one.usd, 0)
      expect(billed).toBeLessThanOrEqual(2 + 1e-9)
    }),
  )
})
