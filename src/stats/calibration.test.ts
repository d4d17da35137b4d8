import { describe, expect, test } from 'vitest'
import { neymanAllocation, stratifiedVariance } from './allocation.ts'
import { judgedPassRate, labelledShare, planLabels } from './judged-pass-rate.ts'
import { mixShift } from './mix-shift.ts'
import { effectiveLabels, predictionPoweredMean } from './prediction-powered.ts'
import { createRandom } from './random.ts'
import { allocateLabels, roganGladen } from './rogan-gladen.ts'

describe('prediction-powered mean', () => {
  const truth = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1]
  const score = [0.9, 0.2, 0.8, 0.7, 0.4, 0.95, 0.6, 0.85, 0.3, 0.9]
  const labelled = truth.map((value, index) => ({ truth: value, score: score[index] ?? NaN }))
  const unlabelled = [
    0.8, 0.7, 0.9, 0.3, 0.6, 0.95, 0.85, 0.2, 0.75, 0.9, 0.5, 0.65, 0.88, 0.4, 0.92, 0.1, 0.77,
    0.83, 0.69, 0.58,
  ]

  test('the worked example', () => {
    const found = predictionPoweredMean(labelled, unlabelled, { confidence: 0.9, width: 'normal' })
    expect(found.trust).toBe(1)
    expect(found.value).toBeCloseTo(0.7035, 10)
    expect(found.standardError).toBeCloseTo(0.0950848963, 10)
    expect(found.lower).toBeCloseTo(0.5470992635, 9)
    expect(found.upper).toBeCloseTo(0.8599007365, 9)
  })

  test('without a judge it is the mean of the labels', () => {
    const found = predictionPoweredMean(labelled, [], { confidence: 0.9, width: 'normal' })
    expect(found.trust).toBe(0)
    expect(found.lower).toBeCloseTo(0.461638064, 9)
    expect(found.upper).toBeCloseTo(0.938361936, 9)
  })

  test('few labels take the wider Student interval', () => {
    const student = predictionPoweredMean(labelled, unlabelled)
    const normal = predictionPoweredMean(labelled, unlabelled, { width: 'normal' })
    expect(student.upper - student.lower).toBeGreaterThan(normal.upper - normal.lower)
  })

  test('a judge that says always the same is not trusted', () => {
    const dull = labelled.map((label) => ({ ...label, score: 0.5 }))
    expect(predictionPoweredMean(dull, [0.5, 0.5]).trust).toBe(0)
  })

  test('effective labels of the ballot example', () => {
    expect(effectiveLabels(418, 5_398, 0.97509321)).toBeCloseTo(3_557, 0)
  })

  test('one label is refused', () => {
    expect(() => predictionPoweredMean([{ score: 1, truth: 1 }], [1])).toThrow('two labels')
  })

  test('covers the true mean of a biased judge', () => {
    const random = createRandom(5)
    const runs = 400
    const draw = () => {
      const value = random.next()
      return { truth: value, score: Math.min(1, 0.6 * value + 0.3 * random.next() + 0.15) }
    }
    const covered = Array.from({ length: runs }, () => {
      const some = Array.from({ length: 50 }, draw)
      const many = Array.from({ length: 1_000 }, () => draw().score)
      const { lower, upper } = predictionPoweredMean(some, many)
      return lower <= 0.5 && 0.5 <= upper
    }).filter(Boolean).length
    expect(covered / runs).toBeGreaterThanOrEqual(0.93 - 3 * Math.sqrt((0.95 * 0.05) / runs))
  })
})

describe('Rogan and Gladen', () => {
  test('the worked examples', () => {
    const first = roganGladen(0.4, 1_000, {
      specificity: 0.7,
      sensitivity: 0.9,
      badAnswers: 200,
      goodAnswers: 200,
    })
    expect(first.value).toBeCloseTo(0.166667, 6)
    expect(first.lower).toBeCloseTo(0.0563507, 6)
    expect(first.upper).toBeCloseTo(0.262733, 6)
    const second = roganGladen(0.85, 500, {
      specificity: 0.85,
      sensitivity: 0.9,
      badAnswers: 100,
      goodAnswers: 100,
    })
    expect(second.value).toBeCloseTo(0.933333, 6)
    expect(second.lower).toBeCloseTo(0.857097, 6)
    expect(second.upper).toBe(1)
  })

  test('allocation of 200 labels with ten pilots a side', () => {
    const pilot = { specificity: 0.7, sensitivity: 0.9, pilots: 10 }
    expect(allocateLabels(200, 0.4, pilot)).toEqual({ bad: 136, good: 64 })
    expect(allocateLabels(200, 0, pilot)).toEqual({ bad: 10, good: 190 })
  })

  test('a judge that is hardly better than chance is refused', () => {
    const judge = { specificity: 0.6, sensitivity: 0.6, badAnswers: 50, goodAnswers: 50 }
    expect(() => roganGladen(0.5, 100, judge)).toThrow('noise')
  })
})

test('Kitagawa: both segments improve and the whole falls', () => {
  const shift = mixShift([
    { shareBefore: 0.7, shareAfter: 0.3, meanBefore: 0.9, meanAfter: 0.92 },
    { shareBefore: 0.3, shareAfter: 0.7, meanBefore: 0.6, meanAfter: 0.63 },
  ])
  expect(shift.mix).toBeCloseTo(-0.118, 12)
  expect(shift.rate).toBeCloseTo(0.025, 12)
  expect(shift.total).toBeCloseTo(0.717 - 0.81, 12)
})

test('Neyman allocation', () => {
  const strata = [
    { size: 7_000, deviation: 0.2 },
    { size: 2_500, deviation: 0.3 },
    { size: 500, deviation: 0.49 },
  ]
  const found = neymanAllocation(strata, 200)
  expect(found.map((n) => Math.round(n * 100) / 100)).toEqual([116.91, 62.63, 20.46])
  expect(stratifiedVariance(strata, found)).toBeCloseTo(2.868e-4, 8)
  expect(stratifiedVariance(strata, [140, 50, 10])).toBeCloseTo(3.12525e-4, 10)
})

test('a cheaper stratum gets more of the budget', () => {
  const [cheap, dear] = neymanAllocation(
    [
      { size: 100, deviation: 0.3, cost: 1 },
      { size: 100, deviation: 0.3, cost: 4 },
    ],
    90,
  )
  expect(cheap).toBeCloseTo(60, 9)
  expect(dear).toBeCloseTo(30, 9)
})

describe('judged pass rate', () => {
  const strata = [
    { judged: 1_700, labels: 25, good: 24 },
    { judged: 300, labels: 25, good: 11 },
  ]

  test('composes the verdicts and repeats itself', () => {
    const found = judgedPassRate(strata)
    expect(found.value).toBeCloseTo(0.85 * (24 / 25) + 0.15 * (11 / 25), 12)
    expect(found.labels).toBe(50)
    expect(judgedPassRate(strata)).toEqual(found)
  })

  test('a stratum without labels widens the interval by its size', () => {
    const known = judgedPassRate(strata)
    const unknown = judgedPassRate([
      strata[0] ?? { judged: 1, labels: 0, good: 0 },
      { judged: 300, labels: 0, good: 0 },
    ])
    expect(unknown.upper - unknown.lower).toBeGreaterThan(known.upper - known.lower)
  })

  test('without a bad label the value is 1 and so is the upper bound', () => {
    const found = judgedPassRate([
      { judged: 1_900, labels: 25, good: 25 },
      { judged: 100, labels: 25, good: 25 },
    ])
    expect([found.value, found.upper]).toEqual([1, 1])
    expect(found.lower).toBeGreaterThan(0.8)
    expect(found.lower).toBeLessThan(0.95)
  })

  test('refuses impossible counts', () => {
    expect(() => judgedPassRate([{ judged: 5, labels: 2, good: 3 }])).toThrow('3 good ones of 2')
    expect(() => judgedPassRate([])).toThrow('no answer was judged')
  })

  test('a plan deals labels evenly, within what is left, and narrows the interval', () => {
    const plan = planLabels(strata, 40)
    expect(plan.more).toEqual([20, 20])
    expect(plan.halfWidthThen).toBeLessThan(plan.halfWidthNow)
    expect(
      planLabels(
        [{ judged: 30, labels: 25, good: 20 }, strata[0] ?? { judged: 0, labels: 0, good: 0 }],
        20,
      ).more,
    ).toEqual([5, 15])
  })

  test('labels alone', () => {
    const found = labelledShare(45, 50)
    expect(found.lower).toBeCloseTo(0.79464517, 8)
    expect(found.upper).toBeCloseTo(0.96080564, 8)
  })
})
