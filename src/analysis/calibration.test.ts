import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hajekFromSums } from '../stats/hajek.ts'
import { createRandom } from '../stats/random.ts'
import { drawStudy, type Study, sumsOf } from './calibration-study.ts'
import { allOf, calibrate, type Evidence } from './calibration.ts'
import { judgeAgreement, measuredQuality } from './judge-agreement.ts'
import { passShare, verdictStrata, type LabelledAnswer } from './verdict-strata.ts'

const even: Study = {
  calls: 2_000,
  rate: 0.9,
  sensitivity: 0.9,
  specificity: 0.8,
  scored: [1, 1],
  labelled: [0.02, 0.1],
}

/** Runs of a study: coverage of the true rate, and the bias in its own standard errors. */
function simulate(study: Study, runs: number, interval: (evidence: Evidence) => Known | null) {
  const random = createRandom(JSON.stringify(study))
  const found = Array.from({ length: runs }, () =>
    interval({ ...drawStudy(study, random), judge: null }),
  ).filter((one) => one !== null)
  const mean = found.reduce((sum, { value }) => sum + value, 0) / found.length
  const squares = found.reduce((sum, { value }) => sum + (value - mean) ** 2, 0)
  const standardError = Math.sqrt(squares / (found.length - 1) / found.length)
  const covered = found.filter(({ lower, upper }) => lower <= study.rate && study.rate <= upper)
  return {
    coverage: covered.length / found.length,
    biasInErrors: Math.abs(mean - study.rate) / standardError,
    used: found.length,
  }
}

interface Known {
  readonly value: number
  readonly lower: number
  readonly upper: number
}

const calibrated = (evidence: Evidence) => {
  const found = calibrate(evidence)
  return found.kind === 'calibrated' ? found : null
}

const judgeAlone = ({ judged }: Evidence) => hajekFromSums(allOf(judged))

describe('coverage and bias', () => {
  const studies: readonly (readonly [string, Study])[] = [
    ['even draws', even],
    ['bad answers scored more often', { ...even, scored: [0.3, 0.9], labelled: [0.06, 0.12] }],
    ['bad answers scored less often', { ...even, scored: [0.9, 0.4], labelled: [0.03, 0.12] }],
    ['labels drawn unequally within a verdict', { ...even, labelled: [0.02, 0.06], longer: 5 }],
    ['rare failures', { ...even, rate: 0.97, labelled: [0.03, 0.15] }],
    ['all of it', { ...even, calls: 3_000, scored: [0.4, 0.9], labelled: [0.02, 0.08], longer: 4 }],
  ]
  test.each(studies)('%s', (_, study) => {
    const runs = 200
    const ours = simulate(study, runs, calibrated)
    expect(ours.used).toBe(runs)
    expect(ours.biasInErrors).toBeLessThan(2.6)
    expect(ours.coverage).toBeGreaterThanOrEqual(0.92)
    expect(simulate(study, runs, judgeAlone).coverage).toBeLessThan(0.2)
  })
})

test('weights left out, unequal labels mislead', () => {
  const study: Study = { ...even, calls: 3_000, labelled: [0.02, 0.06], longer: 12 }
  const careless = ({ judged, labels, judge }: Evidence) =>
    calibrated({ judged, judge, labels: labels.map((one) => ({ ...one, drawProbability: 1 })) })
  expect(simulate(study, 200, calibrated).biasInErrors).toBeLessThan(2.6)
  expect(simulate(study, 200, careless).biasInErrors).toBeGreaterThan(5)
})

const label = (truth: number, drawProbability: number): LabelledAnswer => ({
  truth,
  drawProbability,
  score: 1,
  passed: true,
  isVerdict: true,
  samplingProbability: 1,
})
describe('effective counts', () => {
  const judged = { passed: sumsOf([{ score: 1, samplingProbability: 1 }]), failed: sumsOf([]) }

  test('equal draws count as they are', () => {
    const labels = [1, 1, 1, 0].map((truth) => label(truth, 0.01))
    const [passed] = verdictStrata(judged, labels)
    expect(passed.labels).toBeCloseTo(4, 9)
    expect(passed.good).toBeCloseTo(3, 9)
  })

  test('one label that speaks for many is one label', () => {
    const labels = [label(1, 0.001), ...Array.from({ length: 30 }, () => label(1, 1))]
    const [passed] = verdictStrata(judged, labels)
    expect(passed.labels).toBeLessThan(1.1)
    expect(passed.good).toBe(passed.labels)
  })

  test('a heavy bad label makes the count smaller than its weights alone', () => {
    const labels = [label(0, 0.1), ...Array.from({ length: 40 }, () => label(1, 0.5))]
    const kish = 90 ** 2 / (100 + 40 * 4)
    expect(verdictStrata(judged, labels)[0].labels).toBeLessThan(kish)
  })

  test('judged answers', () => {
    const passed = sumsOf(Array.from({ length: 80 }, () => ({ score: 1, samplingProbability: 1 })))
    const failed = sumsOf(Array.from({ length: 20 }, () => ({ score: 0, samplingProbability: 1 })))
    const found = passShare({ passed, failed })
    expect(found.share).toBeCloseTo(0.8, 12)
    expect(found.answers).toBeCloseTo(100, 9)
    expect(passShare({ passed, failed: sumsOf([]) })).toEqual({ share: 1, answers: 80 })
  })
})

describe('which method', () => {
  const random = createRandom(1)
  const many = drawStudy({ ...even, labelled: [0.05, 0.3] }, random)
  const judge = measuredQuality(many.labels)

  test('labels of the window first', () => {
    const found = calibrate({ ...many, judge })
    expect(found).toMatchObject({ kind: 'calibrated', method: 'verdict_strata' })
    expect(found.labels).toBe(many.labels.length)
  })

  test('people who give points instead of verdicts: prediction-powered', () => {
    const labels = many.labels.map((one) => ({
      ...one,
      truth: 0.25 + one.truth / 2,
      isVerdict: false,
    }))
    const found = calibrate({ ...many, labels, judge })
    expect(found).toMatchObject({ kind: 'calibrated', method: 'prediction_powered' })
    if (found.kind === 'calibrated') expect(Math.abs(found.value - 0.7)).toBeLessThan(0.05)
  })

  test('too few labels of the window: the error rates of other times, at a wider interval', () => {
    const own = calibrate({ ...many, judge })
    const found = calibrate({ ...many, labels: many.labels.slice(0, 4), judge })
    if (found.kind !== 'calibrated' || own.kind !== 'calibrated') throw new Error('not calibrated')
    expect(found).toMatchObject({ method: 'error_rates', labels: many.labels.length })
    expect(found.upper - found.lower).toBeGreaterThan(own.upper - own.lower)
    expect(found.lower).toBeLessThan(0.9)
    expect(found.upper).toBeGreaterThan(0.9)
  })

  test.each([
    ['nothing known of the judge', null, '4 of the 20 labels'],
    [
      'a judge like a coin',
      { sensitivity: 0.6, specificity: 0.5, goodAnswers: 50, badAnswers: 50, labels: 100 },
      'hardly better than chance (passes 0.60 of good answers, fails 0.50 of bad ones)',
    ],
    [
      'no bad answer was ever seen',
      { sensitivity: 0.9, specificity: 1, goodAnswers: 50, badAnswers: 2, labels: 52 },
      'fewer than 5 answers bad',
    ],
  ])('raw only: %s', (_, quality, reason) => {
    const found = calibrate({ ...many, labels: many.labels.slice(0, 4), judge: quality })
    if (found.kind !== 'raw_only') throw new Error('calibrated')
    expect(found.reason).toContain(reason)
    expect(found.labels).toBe(4)
  })

  test('labels of one verdict only say nothing of the other', () => {
    const labels = many.labels.filter(({ passed }) => passed)
    const found = calibrate({ ...many, labels, judge: null })
    expect(found).toMatchObject({ kind: 'raw_only' })
    if (found.kind === 'raw_only') expect(found.reason).toContain('that the judge failed')
  })

  test('no judged answer', () => {
    const judged = { passed: sumsOf([]), failed: sumsOf([]) }
    expect(calibrate({ judged, labels: [], judge })).toMatchObject({ kind: 'raw_only' })
  })
})

describe('agreement with people', () => {
  test('error rates speak of the traffic, not of what was picked', () => {
    const random = createRandom(4)
    const study: Study = { ...even, calls: 40_000, labelled: [0.05, 0.5], scored: [0.5, 0.9] }
    const found = judgeAgreement(drawStudy(study, random).labels)
    expect(found?.sensitivity?.value).toBeCloseTo(0.9, 1)
    expect(found?.specificity?.value).toBeCloseTo(0.8, 1)
    // Of the cells .81/.09/.02/.08: observed .89, by chance .83 · .9 + .17 · .1.
    const chance = 0.83 * 0.9 + 0.17 * 0.1
    expect(found?.kappa.value).toBeCloseTo((0.89 - chance) / (1 - chance), 1)
    expect(found?.strength).toBe('poor')
  })

  test('unknown without a bad answer, absent without verdicts', () => {
    const good: LabelledAnswer = {
      score: 1,
      truth: 1,
      passed: true,
      isVerdict: true,
      samplingProbability: 1,
      drawProbability: 1,
    }
    const found = judgeAgreement([good, good])
    expect(found).toMatchObject({ specificity: null, strength: 'unknown' })
    expect(measuredQuality([good, good])).toBeNull()
    expect(judgeAgreement([{ ...good, isVerdict: false }])).toBeNull()
    expect(judgeAgreement([{ ...good, truth: 0.5 }])).toBeNull()
  })
})

const probability = fc.double({ min: 0.001, max: 1, noNaN: true })
const score = fc.double({ min: 0, max: 1, noNaN: true })
const labelledAnswer = fc
  .record({
    score,
    truth: fc.oneof(fc.constantFrom(0, 1), score),
    samplingProbability: probability,
    drawProbability: probability,
  })
  .map((one): LabelledAnswer => ({
    ...one,
    passed: one.score >= 0.5,
    isVerdict: one.truth === 0 || one.truth === 1,
  }))

test('whatever the labels, the interval holds the value and stays within 0 and 1', () => {
  const evidence = fc.record({
    labels: fc.array(labelledAnswer, { minLength: 15, maxLength: 40, size: 'max' }),
    others: fc.array(fc.record({ score, samplingProbability: probability }), { maxLength: 40 }),
  })
  fc.assert(
    fc.property(evidence, fc.boolean(), ({ labels: drawn, others }, areVerdicts) => {
      const labels = areVerdicts
        ? drawn.map((one) => ({ ...one, truth: Math.round(one.truth), isVerdict: true }))
        : drawn
      const all = [...labels, ...others]
      const judged = {
        passed: sumsOf(all.filter((one) => one.score >= 0.5)),
        failed: sumsOf(all.filter((one) => one.score < 0.5)),
      }
      const found = calibrate({ judged, labels, judge: measuredQuality(labels) })
      if (found.kind === 'raw_only') return found.reason !== ''
      const { lower, value, upper } = found
      return 0 <= lower && lower <= value && value <= upper && upper <= 1
    }),
    { numRuns: 150 },
  )
})
