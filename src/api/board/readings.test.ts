import { expect, test } from 'vitest'
import { gridOf } from './grid.ts'
import { readingsOf } from './readings.ts'

const grid = gridOf({
  project: 'p',
  fromMs: 0,
  toMs: 80_000,
  stepMs: 10_000,
  source: 'raw',
  models: [],
})

const duty = (steps: readonly number[], values: readonly (number | null)[]) => ({
  metric: 'gpu.duty',
  namespace: '/n',
  gpu: 'n1/0',
  steps,
  means: values,
  maxima: values,
})

const dutyOf = (samples: readonly ReturnType<typeof duty>[], staleAfterMs: number) =>
  readingsOf(samples, grid, staleAfterMs).ofGpu('gpu.duty', 'n1/0').means

test('a reading holds until it is stale', () => {
  expect(dutyOf([duty([0], [0.5])], 30_000)).toEqual([0.5, 0.5, 0.5, null, null, null, null, null])
  expect(dutyOf([duty([0], [0.5])], 10_000)).toEqual([
    0.5,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

test('found absent ends it at once', () => {
  expect(dutyOf([duty([0, 1], [0.5, null])], 60_000)).toEqual(
    Array(1).fill(0.5).concat(Array(7).fill(null)),
  )
})

test('two exporters of one GPU are averaged; a gap of one is no gap', () => {
  const both = [duty([0, 1], [0.2, 0.2]), duty([1, 2], [0.6, 0.6])]
  expect(dutyOf(both, 10_000).slice(0, 4)).toEqual([0.2, 0.4, 0.6, null])
})

test('steps count as observed only where something was really read', () => {
  expect([...readingsOf([duty([0, 1, 5], [0, null, 1])], grid, 60_000).observed]).toEqual([0, 5])
})
