import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BoardLedger } from '../../store/queries/board-ledger.ts'
import { billColumns, costOfRates } from './bill-columns.ts'
import { gridOf } from './grid.ts'

const window = {
  project: 'p',
  fromMs: 0,
  toMs: 1_200_000,
  stepMs: 300_000,
  source: 'rollup' as const,
  models: [],
}
const grid = gridOf(window)

const line = (part: Partial<BoardLedger>): BoardLedger => ({
  owner: 'model',
  model: 'a',
  bucket: 0,
  costUsd: 0.5,
  idleCostUsd: null,
  idleMinutes: 0,
  minutes: 5,
  ...part,
})

test('a step whose minutes are partly known is a rate over the known ones', () => {
  const columns = billColumns(
    {
      bucketMs: 300_000,
      firstBucketMs: 0,
      lines: [line({ costUsd: 0.3, minutes: 3 })],
      minutes: new Map([[0, 3]]),
    },
    grid,
  )
  expect(columns.usdPerHour).toEqual([6, null, null, null])
  expect(columns.models.get('a')?.usdPerHour).toEqual([6, null, null, null])
})

test('minutes of unknown use are taken to be like the known ones', () => {
  const lines = [line({ costUsd: 0.5, idleCostUsd: 0.1, idleMinutes: 2, minutes: 5 })]
  const columns = billColumns(
    { bucketMs: 300_000, firstBucketMs: 0, lines, minutes: new Map([[0, 5]]) },
    grid,
  )
  // 0.05 $ idle a minute = 3 $/h.
  expect(columns.models.get('a')?.idleUsdPerHour[0]).toBeCloseTo(3, 12)
})

test('models + idle + shared = the fleet, in every step', () => {
  const lines = fc.array(
    fc.record({
      owner: fc.constantFrom('model', 'idle', 'shared'),
      model: fc.constantFrom('a', 'b', 'c'),
      bucket: fc.integer({ min: 0, max: 3 }),
      costUsd: fc.double({ min: 0, max: 100, noNaN: true }),
      minutes: fc.integer({ min: 1, max: 5 }),
    }),
  )
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 5 }), (parts, known) => {
      const minutes = new Map(parts.map((part) => [part.bucket, known]))
      const columns = billColumns(
        { bucketMs: 300_000, firstBucketMs: 0, lines: parts.map((part) => line(part)), minutes },
        grid,
      )
      for (let step = 0; step < grid.length; step += 1) {
        const models = [...columns.models.values()].map((model) => model.usdPerHour[step] ?? 0)
        const all =
          models.reduce((sum, rate) => sum + rate, 0) +
          (columns.idleUsdPerHour[step] ?? 0) +
          (columns.sharedUsdPerHour[step] ?? 0)
        expect(all).toBeCloseTo(columns.usdPerHour[step] ?? 0, 6)
      }
    }),
  )
})

test('cost is null when nothing is known', () => {
  expect(costOfRates([null, null], grid)).toBeNull()
  expect(costOfRates([6, null, 12, null], grid)).toBeCloseTo(1.5, 12)
})
