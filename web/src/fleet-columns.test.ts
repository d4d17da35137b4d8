import { expect, test } from 'vitest'
import { plausibleBoard } from '../fixtures/board.ts'
import { fleetColumns, intervalWords, isFew, sortModels } from './fleet-columns.ts'

const nowMs = Date.UTC(2026, 10, 24, 13, 45)
const { models } = plausibleBoard({
  fromMs: nowMs - 900_000,
  toMs: nowMs,
  stepMs: 10_000,
  nowMs,
  scenario: 'many',
})

test.each(fleetColumns.map((column) => column.id))('sorts by %s both ways', (id) => {
  const column = fleetColumns.find((candidate) => candidate.id === id)
  const values = (direction: 'ascending' | 'descending') =>
    sortModels(models, { column: id, direction }).map((model) => column?.value(model) ?? 0)
  expect(values('ascending')).toEqual(values('ascending').toSorted((a, b) => a - b))
  expect(values('descending')).toEqual(values('descending').toSorted((a, b) => b - a))
})

test('what has no number comes last either way', () => {
  const blind = models.map((model, i) =>
    i === 0 ? { ...model, summary: { ...model.summary, ttftP95: null } } : model,
  )
  for (const direction of ['ascending', 'descending'] as const) {
    expect(sortModels(blind, { column: 'ttft', direction }).at(-1)?.model).toBe(blind[0]?.model)
  }
})

test('intervals are said with n, few answers are marked', () => {
  const [model] = models
  const quality = fleetColumns.find((column) => column.id === 'composite')
  if (model === undefined || quality === undefined) throw new Error('the fixture has models')
  expect(intervalWords(quality, model)).toMatch(/^95% interval 0\.\d\d–0\.\d\d, n \d+$/)
  const few = { value: 0.9, lower: 0.7, upper: 1, n: 12 }
  const sparse = { ...model, summary: { ...model.summary, quality: { composite: few } } }
  expect(isFew(quality, model)).toBe(false)
  expect(isFew(quality, sparse)).toBe(true)
  expect(intervalWords(quality, sparse)).toMatch(/n 12, fewer than 30$/)
})
