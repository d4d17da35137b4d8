import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hajekInterval } from '../../stats/hajek.ts'
import type { BoardScores } from '../../store/queries/board-scores.ts'
import type { Interval } from '../contract.ts'
import { gridOf } from './grid.ts'
import { qualityColumns } from './quality-columns.ts'

const grid = gridOf({
  project: 'p',
  fromMs: 0,
  toMs: 120_000,
  stepMs: 60_000,
  source: 'rollup',
  models: [],
})

interface Draw {
  readonly value: number
  readonly probability: number
}

/** Sums as the store makes them, all draws in step 1. */
function scoresOf(evaluator: string, draws: readonly Draw[]): BoardScores {
  const total = (of: (draw: Draw, weight: number) => number) => [
    draws.reduce((sum, draw) => sum + of(draw, 1 / draw.probability), 0),
  ]
  return {
    model: 'a',
    dimension: 'safety',
    evaluator,
    steps: [1],
    scored: [draws.length],
    weight: total((_, w) => w),
    weightSquared: total((_, w) => w * w),
    weightedValue: total(({ value }, w) => w * value),
    weightedValueSquared: total(({ value }, w) => w * value ** 2),
    weightSquaredValue: total(({ value }, w) => w * w * value),
    weightSquaredValueSquared: total(({ value }, w) => w * w * value ** 2),
  }
}

const draws = fc.array(
  fc.record({
    value: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    probability: fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100),
  }),
  { minLength: 2, maxLength: 40 },
)

type Bounds = Pick<Interval, 'value' | 'lower' | 'upper'>

function expectClose(found: Bounds | undefined, expected: Bounds | null | undefined): void {
  for (const key of ['value', 'lower', 'upper'] as const) {
    expect(found?.[key]).toBeCloseTo(expected?.[key] ?? -1, 6)
  }
}

test('one evaluator gives the estimate over its answers, weights and all', () => {
  fc.assert(
    fc.property(draws, (some) => {
      const direct = hajekInterval(
        some.map((draw) => draw.value),
        some.map((draw) => draw.probability),
      )
      const { columns, summary, scoredCalls } = qualityColumns([scoresOf('one', some)], grid)
      const whole = summary['safety']
      expectClose(whole, direct)
      expect([whole?.n, scoredCalls]).toEqual([some.length, some.length])
      expect(columns['safety']?.value).toEqual([null, whole?.value])
      expect(columns['safety']?.n).toEqual([0, some.length])
    }),
  )
})

test('the same verdicts from a second evaluator add no certainty', () => {
  fc.assert(
    fc.property(draws, (some) => {
      const once = qualityColumns([scoresOf('one', some)], grid).summary['safety']
      const twice = qualityColumns([scoresOf('one', some), scoresOf('two', some)], grid).summary[
        'safety'
      ]
      expect(twice?.n).toBe(once?.n)
      expectClose(twice, once)
    }),
  )
})
