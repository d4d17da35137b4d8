import { describe, expect, test } from 'vitest'
import type { HajekSums } from './hajek.ts'
import { predictionPoweredMean } from './prediction-powered.ts'
import { createRandom, type Random } from './random.ts'
import { twoPhaseMean, type DrawnLabel } from './two-phase-mean.ts'

type Judged = Omit<DrawnLabel, 'truth' | 'drawProbability'>

function sumsOf(judged: readonly Judged[]): Required<HajekSums> {
  const sum = (of: (weight: number, score: number) => number) =>
    judged.reduce((all, { score, samplingProbability: p }) => all + of(1 / p, score), 0)
  return {
    scored: judged.length,
    weight: sum((w) => w),
    weightSquared: sum((w) => w * w),
    weightedValue: sum((w, f) => w * f),
    weightedValueSquared: sum((w, f) => w * f * f),
    weightSquaredValue: sum((w, f) => w * w * f),
    weightSquaredValueSquared: sum((w, f) => w * w * f * f),
  }
}

/** An answer with what people would say and what a noisy judge with a bias makes of it. */
function answer(random: Random) {
  const truth = random.next()
  return { truth, score: 0.4 * truth + 0.6 * random.next() }
}

describe('with equal probabilities', () => {
  const random = createRandom(3)
  const answers = Array.from({ length: 4_000 }, () => answer(random))
  const some = answers.slice(0, 400)
  const rest = answers.slice(400)
  const equal = { samplingProbability: 0.5, drawProbability: 0.1 }
  const found = twoPhaseMean(
    some.map((one) => ({ ...one, ...equal })),
    sumsOf(answers.map((one) => ({ ...one, ...equal }))),
  )
  const plain = predictionPoweredMean(
    some,
    rest.map(({ score }) => score),
  )

  test('it is PPI++', () => {
    expect(found.value).toBeCloseTo(plain.value, 3)
    expect(found.standardError / plain.standardError).toBeCloseTo(1, 1)
    expect(found.trust / (1 + 400 / 3_600)).toBeCloseTo(plain.trust, 1)
    expect([found.labels, found.scored]).toEqual([400, 3_600])
  })

  test('when everything is labelled, it is the mean of the labels', () => {
    const all = some.map((one) => ({ ...one, samplingProbability: 1, drawProbability: 1 }))
    const mean = some.reduce((sum, { truth }) => sum + truth, 0) / some.length
    expect(twoPhaseMean(all, sumsOf(all)).value).toBeCloseTo(mean, 12)
  })
})

test('a judge that says always the same is not trusted, and one label is refused', () => {
  const draw = { score: 0.5, samplingProbability: 1, drawProbability: 0.5 }
  const labelled = [0, 1, 1, 1].map((truth) => ({ ...draw, truth }))
  const sums = sumsOf(Array.from({ length: 8 }, () => draw))
  expect(twoPhaseMean(labelled, sums)).toMatchObject({ value: 0.75, trust: 0 })
  expect(() => twoPhaseMean(labelled.slice(0, 1), sums)).toThrow('two labels')
})

/** Bad answers are scored more often, and answers that the judge doubts are labelled more often. */
function unequalStudy(random: Random) {
  const judged = Array.from({ length: 3_000 }, () => {
    const one = answer(random)
    return { ...one, samplingProbability: one.truth < 0.3 ? 0.6 : 0.15 }
  }).filter(({ samplingProbability }) => random.chance(samplingProbability))
  const labelled = judged
    .map((one) => ({ ...one, drawProbability: one.score < 0.5 ? 0.16 : 0.06 }))
    .filter(({ drawProbability }) => random.chance(drawProbability))
  return { judged, labelled }
}

test('with unequal probabilities it has no bias and covers; weights left out, it has and does not', () => {
  const random = createRandom(11)
  const runs = 300
  const estimates = Array.from({ length: runs }, () => {
    const { judged, labelled } = unequalStudy(random)
    const weighed = twoPhaseMean(labelled, sumsOf(judged))
    const naive = predictionPoweredMean(
      labelled,
      judged.map(({ score }) => score),
    )
    return { weighed, naive }
  })
  const values = estimates.map(({ weighed }) => weighed.value)
  const mean = values.reduce((sum, value) => sum + value, 0) / runs
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (runs - 1))
  expect(Math.abs(mean - 0.5)).toBeLessThan((2 * deviation) / Math.sqrt(runs))
  const coverage = (of: (one: (typeof estimates)[number]) => { lower: number; upper: number }) =>
    estimates.filter((one) => of(one).lower <= 0.5 && 0.5 <= of(one).upper).length / runs
  expect(coverage(({ weighed }) => weighed)).toBeGreaterThan(0.92)
  expect(coverage(({ weighed }) => weighed)).toBeLessThan(0.98)
  expect(coverage(({ naive }) => naive)).toBeLessThan(0.5)
})
