import { describe, expect, test } from 'vitest'
import { createRandom } from '../stats/random.ts'
import { drawStudy, type Study } from './calibration-study.ts'
import { calibrate } from './calibration.ts'
import { labelPlan, planSentence } from './label-plan.ts'

const study: Study = {
  calls: 3_000,
  rate: 0.95,
  sensitivity: 0.9,
  specificity: 0.8,
  scored: [1, 1],
  labelled: [0.02, 0.15],
}

const extra = 40

describe('a plan', () => {
  const evidence = { ...drawStudy(study, createRandom(2)), judge: null }
  const calibration = calibrate(evidence)
  const plan = labelPlan(evidence, calibration, { extra, earlier: evidence.labels })

  test('splits the next labels by verdict and says what they bring', () => {
    expect(plan).toMatchObject({ labels: extra, byVerdict: { passed: 20, failed: 20 } })
    expect(plan.halfWidthThen).toBeLessThan(plan.halfWidthNow ?? 0)
    expect(planSentence('safety', plan)).toMatch(
      /^40 more labels narrow safety from ±\d\.\d to ±\d\.\d points$/,
    )
  })

  test('what it foresees is what comes', () => {
    const random = createRandom(8)
    const more: Study = { ...study, labelled: [0.02 + 20 / 2_600, 0.15 + 20 / 400] }
    const widths = Array.from({ length: 40 }, () => {
      const found = calibrate({ ...drawStudy(more, random), judge: null })
      return found.kind === 'calibrated' ? (found.upper - found.lower) / 2 : Number.NaN
    })
    const mean = widths.reduce((sum, width) => sum + width, 0) / widths.length
    expect((plan.halfWidthThen ?? 0) / mean).toBeGreaterThan(0.7)
    expect((plan.halfWidthThen ?? 0) / mean).toBeLessThan(1.4)
  })

  test('of points instead of verdicts', () => {
    const labels = evidence.labels.map((one) => ({
      ...one,
      truth: 0.2 + one.truth / 2,
      isVerdict: false,
    }))
    const points = { ...evidence, labels }
    const found = labelPlan(points, calibrate(points), { extra, earlier: labels })
    expect(found.byVerdict).toBeNull()
    const [now, then] = [found.halfWidthNow ?? 0, found.halfWidthThen ?? 0]
    // All but the part that labels cannot take away falls with the root of their number.
    expect(then).toBeLessThan(now)
    expect(then / now).toBeGreaterThan(Math.sqrt(labels.length / (labels.length + extra)) * 0.95)
  })
})

test('before the first calibration it asks for enough, and promises nothing that it cannot know', () => {
  const evidence = { ...drawStudy({ ...study, labelled: [0, 0] }, createRandom(3)), judge: null }
  const plan = labelPlan(evidence, calibrate(evidence), { extra: 5, earlier: [] })
  expect(plan).toMatchObject({ labels: 20, halfWidthNow: null, halfWidthThen: null })
  expect(planSentence('safety', plan)).toBe('20 more labels would calibrate safety')
  const earlier = drawStudy(study, createRandom(2)).labels
  const told = labelPlan(evidence, calibrate(evidence), { extra: 40, earlier })
  expect(planSentence('safety', told)).toMatch(/^40 more labels would calibrate safety, to about ±/)
})

test.each([
  [{ labels: 0, halfWidthNow: 0.1, halfWidthThen: 0.1 }, 'every judged answer is labelled'],
  [{ labels: 1, halfWidthNow: 0.02, halfWidthThen: 0.01 }, '1 more label narrow'],
  [{ labels: 9, halfWidthNow: 0.02, halfWidthThen: 0.0199 }, 'would hardly narrow safety (±2.0'],
])('sentence of %j', (plan, text) => {
  expect(planSentence('safety', { byVerdict: null, ...plan })).toContain(text)
})
