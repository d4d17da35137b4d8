import { expect, test } from 'vitest'
import { plausibleBoard, type Scenario } from '../fixtures/board.ts'
import { figuresOf, fleetCostPerGoodAnswer } from './figures.ts'
import { lanesOf } from './lanes/board-lanes.ts'
import { readoutIndex } from './lanes/lane.ts'
import { chooseModels, dimensionsOf, qualityOf } from './model-choice.ts'
import { gapsOf, isFirstRun, verdictOf } from './verdict.ts'

const nowMs = Date.UTC(2026, 10, 24, 13, 45)
const boardOf = (scenario: Scenario) =>
  plausibleBoard({ fromMs: nowMs - 900_000, toMs: nowMs, stepMs: 10_000, nowMs, scenario })
const calm = boardOf('calm')
const gaps = boardOf('gaps')

test('a calm board is one line', () => {
  const verdict = verdictOf(calm)
  expect(verdict.tone).toBe('calm')
  expect(verdict.gaps).toEqual([])
  expect(verdict.statement).toMatch(
    /^2 models spend \$5\.75 an hour, \d+% of it on idle GPUs\. Lowest answer quality: Qwen2\.5-7B-Instruct 0\.83 \(95% interval 0\.\d\d–0\.\d\d, n \d+\)\.$/,
  )
})

test('a firing alert comes first, pending ones only without it', () => {
  const firing = boardOf('firing')
  expect(verdictOf(firing)).toMatchObject({ tone: 'firing', alerts: [{ alertId: 'unsafe-qwen' }] })
  const [alert] = firing.alerts
  if (alert === undefined) throw new Error('the fixture has an alert')
  const pending = { ...alert, state: 'pending' }
  expect(verdictOf({ ...calm, alerts: [pending] }).tone).toBe('pending')
  expect(verdictOf({ ...calm, alerts: [pending, alert] }).alerts).toEqual([alert])
  expect(verdictOf({ ...calm, alerts: [{ ...alert, state: 'resolved' }] }).tone).toBe('calm')
})

test('each gap says how to mend it', () => {
  const found = gapsOf(gaps)
  expect(found.map((gap) => gap.what)).toEqual([
    'Source gpu-server-1 is failing.',
    expect.stringMatching(/sampled answers of gpt-oss-20b is scored yet/),
    expect.stringMatching(/sampled answers of Qwen2\.5-7B-Instruct is scored yet/),
  ])
  expect(found.every((gap) => gap.mend !== '')).toBe(true)
  expect(gapsOf({ ...calm, prices: [] }).map((gap) => gap.what)).toEqual([
    'No price is known, so no cost.',
  ])
})

test('the first run is told from an idle fleet', () => {
  expect(isFirstRun(boardOf('empty'))).toBe(true)
  expect(isFirstRun(calm)).toBe(false)
})

test('cost per good answer: fleet is total cost over total good answers', () => {
  const result = fleetCostPerGoodAnswer(calm.models)
  if (!('interval' in result)) throw new Error(result.reason)
  const cost = calm.models.reduce((sum, { summary }) => sum + (summary.costUsd ?? 0), 0)
  const good = calm.models.reduce(
    (sum, { summary }) => sum + (summary.costUsd ?? 0) / (summary.usdPerGoodAnswer?.value ?? 1),
    0,
  )
  expect(result.interval.value).toBeCloseTo(cost / good, 12)
  expect(result.interval.lower).toBeLessThan(result.interval.value)
  expect(result.interval.upper).toBeGreaterThan(result.interval.value)
})

test('without scores the figure is per call, with the reason', () => {
  const figure = figuresOf(gaps, gaps.models).find(({ id }) => id === 'unit-cost')
  expect(figure?.label).toBe('1,000 calls')
  expect(figure?.note).toMatch(/not scored/)
})

test('what is not measured is never a number', () => {
  const empty = boardOf('empty')
  for (const figure of figuresOf(empty, empty.models)) {
    expect(figure.value, figure.id).not.toMatch(/\d/)
  }
})

test('hallucination is one minus groundedness, bounds exchanged', () => {
  const [model] = calm.models
  if (model === undefined) throw new Error('the fixture has models')
  expect(dimensionsOf(calm).at(-1)).toBe('hallucination')
  const grounded = model.quality['groundedness']
  const derived = qualityOf(model, 'hallucination')
  expect(derived?.value[3]).toBeCloseTo(1 - (grounded?.value[3] ?? 0), 12)
  expect(derived?.upper[3]).toBeCloseTo(1 - (grounded?.lower[3] ?? 0), 12)
})

test('at most six models are drawn, small fleets keep their colours under a filter', () => {
  const many = boardOf('many')
  expect(chooseModels(many, [])).toMatchObject({ leftOut: many.models.length - 6 })
  const all = chooseModels(calm, []).drawn
  const one = chooseModels(calm, ['gpt-oss-20b']).drawn
  expect(one).toEqual(all.filter(({ model }) => model.model === 'gpt-oss-20b'))
})

test('lanes keep gaps as gaps and say what they show', () => {
  const lanes = lanesOf(gaps, chooseModels(gaps, []).drawn, 'composite')
  expect(lanes.map((lane) => lane.id)).toEqual([
    'cost',
    'capacity',
    'serving',
    'quality',
    'safety',
    'evaluation',
  ])
  for (const lane of lanes) expect(lane.summary).not.toMatch(/NaN|undefined|Infinity/)
  const quality = lanes.find((lane) => lane.id === 'quality')
  expect(quality?.missing).toMatch(/No answer scored/)
  expect(quality?.readout.rows.flatMap((row) => row.cells(0))).toEqual([
    '–',
    '–',
    '–',
    '–',
    '–',
    '–',
  ])
})

test('the read-out at a time is the step that holds it', () => {
  const [cost] = lanesOf(calm, chooseModels(calm, []).drawn, 'composite')
  if (cost === undefined) throw new Error('there is a cost lane')
  const start = calm.timesMs[7] ?? 0
  expect(readoutIndex(cost, start + 9999)).toBe(7)
  expect(readoutIndex(cost, null)).toBe(calm.timesMs.length - 1)
})

test('it is not calm while quality lies below the bound of an alert, alert or none', () => {
  const low = { value: 0.69, lower: 0.66, upper: 0.72, n: 700 }
  const models = calm.models.map((model) => ({
    ...model,
    summary: { ...model.summary, quality: { ...model.summary.quality, safety: low } },
  }))
  const verdict = verdictOf({ ...calm, models, thresholds: { safety: 0.8 } })
  expect(verdict.tone).toBe('low')
  expect(verdict.statement).toContain('is 0.69 (95% interval 0.66–0.72), below 0.80.')
  expect(verdictOf({ ...calm, models, thresholds: { safety: 0.7 } }).tone).toBe('calm')
})
