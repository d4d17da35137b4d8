// Do 95 % intervals hold the truth in 95 of 100 fleets? Simulated with a fixed seed.
import { expect, test } from 'vitest'
import { hajek, hajekFromSums, hajekInterval } from './hajek.ts'
import { meanInterval } from './interval.ts'

/** Seeded uniform numbers in [0,1) (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Fleet {
  readonly values: number[]
  readonly probabilities: number[]
  /** Mean over the whole traffic, drawn or not. */
  readonly trafficMean: number
}

/** Risky answers are worse and are drawn up to eight times more often. */
function drawFleet(random: () => number, calls: number, score: (risk: number) => number): Fleet {
  const values: number[] = []
  const probabilities: number[] = []
  let sum = 0
  for (let call = 0; call < calls; call += 1) {
    const risk = random()
    const value = score(risk)
    const probability = 0.05 + 0.35 * risk
    sum += value
    if (random() < probability) {
      values.push(value)
      probabilities.push(probability)
    }
  }
  return { values, probabilities, trafficMean: sum / calls }
}

const fleets = 1000

/** Share of fleets whose interval holds the truth. */
function coverage(hits: readonly boolean[]): number {
  return hits.filter(Boolean).length / hits.length
}

const holds = (interval: { lower: number; upper: number } | null, truth: number) =>
  interval !== null && interval.lower <= truth && truth <= interval.upper

test('unequal probabilities that go with quality: Hájek covers, the naive mean does not', () => {
  const random = uniform(20_260_731)
  const truth = 0.85
  const pass = (risk: number) => (random() < 1 - 0.3 * risk ? 1 : 0)
  const drawn = Array.from({ length: fleets }, () => drawFleet(random, 1500, pass))
  const intervals = drawn.map((fleet) => hajekInterval(fleet.values, fleet.probabilities))
  const covered = coverage(intervals.map((interval) => holds(interval, truth)))
  expect(covered).toBeGreaterThanOrEqual(0.93)
  expect(covered).toBeLessThanOrEqual(0.97)

  const errors = intervals.map((interval) => (interval?.value ?? 0) - truth)
  const bias = errors.reduce((sum, error) => sum + error, 0) / fleets
  const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / fleets)
  expect(Math.abs(bias)).toBeLessThan((2 * spread) / Math.sqrt(fleets))

  expect(coverage(drawn.map((fleet) => holds(meanInterval(fleet.values), truth)))).toBeLessThan(0.7)
})

test('the traffic variance covers the mean of the traffic that flowed', () => {
  const random = uniform(7)
  const graded = (risk: number) =>
    Math.min(1, Math.max(0, 0.9 - 0.4 * risk + 0.3 * (random() - 0.5)))
  const hits = Array.from({ length: fleets }, () => {
    const fleet = drawFleet(random, 1500, graded)
    const result = hajek(fleet.values, fleet.probabilities)
    if (result === null) return false
    const half = 1.96 * Math.sqrt(result.trafficVariance)
    return Math.abs(result.mean - fleet.trafficMean) <= half
  })

  expect(coverage(hits)).toBeGreaterThanOrEqual(0.93)
  expect(coverage(hits)).toBeLessThanOrEqual(0.97)
})

const shapes: readonly [string, number, (random: () => number) => number][] = [
  ['pass rate 0.90', 0.9, (random) => (random() < 0.9 ? 1 : 0)],
  ['pass rate 0.98', 0.98, (random) => (random() < 0.98 ? 1 : 0)],
  ['grades 0, 0.5, 1', 0.825, (random) => gradeOf(random())],
  ['mostly 0.95, rarely 0', 0.95 * 0.95, (random) => (random() < 0.05 ? 0 : 0.95)],
  ['uniform in 0.6 to 1', 0.8, (random) => 0.6 + 0.4 * random()],
]

function gradeOf(u: number): number {
  if (u < 0.1) return 0
  return u < 0.25 ? 0.5 : 1
}

test.each(shapes)('%s: equal weights, sums as a rollup keeps them', (_, truth, score) => {
  for (const n of [20, 60, 300]) {
    const random = uniform(n)
    const hits = Array.from({ length: fleets }, () => {
      const values = Array.from({ length: n }, () => score(random))
      const interval = hajekFromSums({
        scored: n,
        weight: n * 10,
        weightSquared: n * 100,
        weightedValue: values.reduce((sum, value) => sum + 10 * value, 0),
        weightedValueSquared: values.reduce((sum, value) => sum + 10 * value * value, 0),
      })
      return holds(interval, truth)
    })

    // Never much short of 95 %; small skewed samples may be on the safe side.
    expect(coverage(hits), `n = ${n}`).toBeGreaterThanOrEqual(0.925)
  }
})
