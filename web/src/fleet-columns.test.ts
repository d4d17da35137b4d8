import { expect, test } from 'vitest'
import { plausibleBoard } from '../fixtures/board.ts'
import { fleetColumns, intervalWords, isFew, shownInterval, sortModels } from './fleet-columns.ts'

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
  const raw = { ...model, summary: { ...model.summary, calibrated: {} } }
  expect(intervalWords(quality, raw)).toMatch(/^95% interval 0\.\d\d–0\.\d\d, n \d+$/)
  const few = { value: 0.9, lower: 0.7, upper: 1, n: 12 }
  const sparse = { ...raw, summary: { ...raw.summary, quality: { composite: few } } }
  expect(isFew(quality, model)).toBe(false)
  expect(isFew(quality, sparse)).toBe(true)
  expect(intervalWords(quality, sparse)).toMatch(/n 12, fewer than 30$/)
})

test('where people labelled, what they would say stands first and the evaluators beside it', () => {
  const [model] = models
  const quality = fleetColumns.find((column) => column.id === 'composite')
  if (model === undefined || quality === undefined) throw new Error('the fixture has models')
  const interval = { value: 0.84, lower: 0.8, upper: 0.87, labels: 60 }
  const composite = { ...interval, method: 'verdict_strata' as const }
  const raw = { value: 0.91, lower: 0.9, upper: 0.92, n: 4_000 }
  const summary = { ...model.summary, quality: { composite: raw }, calibrated: { composite } }
  const labelled = { ...model, summary }
  expect([quality.value(labelled), quality.text(labelled)]).toEqual([0.84, '0.84'])
  expect(quality.more?.(labelled)).toBe('±0.03 (raw 0.91)')
  expect(intervalWords(quality, labelled)).toBe(
    'calibrated by 60 labels: 95% interval 0.80–0.87; evaluators alone 0.91, 95% interval 0.90–0.92, n 4,000',
  )
  expect(shownInterval(quality, labelled)?.upper).toBe(0.87)
  const unlabelled = { ...labelled, summary: { ...summary, calibrated: {} } }
  expect([quality.text(unlabelled), quality.more?.(unlabelled)]).toEqual(['0.91', '±0.01'])
  expect(shownInterval(quality, unlabelled)?.upper).toBe(0.92)
})
