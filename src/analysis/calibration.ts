// What people would say of all answers, from a judge's scores of many and people's labels of a few.
import type { Bounds } from '../stats/interval.ts'
import { judgedPassRate } from '../stats/judged-pass-rate.ts'
import type { MeasuredJudge } from './judge-agreement.ts'
import { informedness, leastInformedness, roganGladen } from '../stats/rogan-gladen.ts'
import { twoPhaseMean } from '../stats/two-phase-mean.ts'
import {
  type JudgedAnswers,
  type LabelledAnswer,
  passShare,
  verdictStrata,
} from './verdict-strata.ts'

/** What a calibration is made of: one model, one dimension, one version of one evaluator, one window. */
export interface Evidence {
  readonly judged: JudgedAnswers
  /** Labels of answers of the window, each drawn with a known probability. */
  readonly labels: readonly LabelledAnswer[]
  /** The judge's error rates where its answers were labelled at all times or in a golden set; `null` = not known. */
  readonly judge: MeasuredJudge | null
}

/** `verdict_strata`: Jeffreys by verdict; `prediction_powered`: PPI++; `error_rates`: Rogan and Gladen. */
export type CalibrationMethod = 'verdict_strata' | 'prediction_powered' | 'error_rates'

export type Calibration = Calibrated | Uncalibrated

/** 95 % bounds within [0,1]. */
export interface Calibrated extends Bounds {
  readonly kind: 'calibrated'
  readonly method: CalibrationMethod
  readonly value: number
  /** Labels that it rests on, by count. */
  readonly labels: number
  /** Equal-probability draws that those labels are worth. */
  readonly labelsEffective: number
}

export interface Uncalibrated {
  readonly kind: 'raw_only'
  readonly reason: string
  readonly labels: number
}

/** Fewer labels leave the judge's mean as it is: see `calibration.test.ts` for what they would be worth. */
export const fewestLabels = 20

/** Verdicts with a larger share of the traffic need labels of their own. */
const largeShare = 0.05
const fewestOfLargeShare = 5

/** Error rates of fewer good or bad answers than this say nothing. */
const fewestOfErrorRate = 5

/**
 * The method that the evidence allows. Labels of the window come first: they hold whatever the traffic is now. A
 * judge's error rates hold for another mix of good and bad answers too, at a wider interval. Without either the
 * answer is that nothing is known beyond the judge's own mean.
 */
export function calibrate(evidence: Evidence): Calibration {
  const { judged, labels, judge } = evidence
  if (judged.passed.scored + judged.failed.scored === 0) {
    return { kind: 'raw_only', reason: 'no answer was judged', labels: labels.length }
  }
  const lack = labels.length < fewestLabels ? tooFew(labels.length) : lackOf(evidence)
  if (lack === null) return fromLabels(evidence)
  if (judge === null) return { kind: 'raw_only', reason: lack, labels: labels.length }
  return fromErrorRates(judged, judge, { lack, labels: labels.length })
}

const tooFew = (labels: number) =>
  `${labels} of the ${fewestLabels} labels that a calibration needs in this window`

/** What the labels lack although they are many enough. */
function lackOf({ judged, labels }: Evidence): string | null {
  if (!areVerdicts(labels)) return null
  const { share } = passShare(judged)
  const missing = [true, false].find(
    (passed) =>
      (passed ? share : 1 - share) > largeShare &&
      labels.filter((label) => label.passed === passed).length < fewestOfLargeShare,
  )
  if (missing === undefined) return null
  return `fewer than ${fewestOfLargeShare} labels of answers that the judge ${missing ? 'passed' : 'failed'}`
}

export function areVerdicts(labels: readonly LabelledAnswer[]): boolean {
  return labels.every(({ isVerdict }) => isVerdict)
}

function fromLabels({ judged, labels }: Evidence): Calibrated {
  const counts = { kind: 'calibrated' as const, labels: labels.length }
  const strata = verdictStrata(judged, labels)
  const labelsEffective = strata[0].labels + strata[1].labels
  if (areVerdicts(labels)) {
    const { value, lower, upper } = judgedPassRate(strata)
    return { ...counts, method: 'verdict_strata', value, lower, upper, labelsEffective }
  }
  const { value, lower, upper } = twoPhaseMean(labels, allOf(judged))
  return {
    ...counts,
    method: 'prediction_powered',
    value: within(value),
    lower: within(lower),
    upper: within(upper),
    labelsEffective,
  }
}

function fromErrorRates(
  judged: JudgedAnswers,
  judge: MeasuredJudge,
  { lack, labels }: { readonly lack: string; readonly labels: number },
): Calibration {
  const { sensitivity, specificity, goodAnswers, badAnswers } = judge
  const raw = (reason: string): Uncalibrated => ({ kind: 'raw_only', reason, labels })
  if (goodAnswers < fewestOfErrorRate || badAnswers < fewestOfErrorRate) {
    const which = goodAnswers < fewestOfErrorRate ? 'good' : 'bad'
    return raw(
      `${lack}, and people called fewer than ${fewestOfErrorRate} answers ${which} at any time, so the judge's error rates are not known either`,
    )
  }
  if (informedness(judge) < leastInformedness) {
    return raw(
      `${lack}, and the judge is hardly better than chance (passes ${sensitivity.toFixed(2)} of good answers, fails ${specificity.toFixed(2)} of bad ones)`,
    )
  }
  const { share, answers } = passShare(judged)
  const estimate = roganGladen(share, answers, judge)
  return {
    kind: 'calibrated',
    method: 'error_rates',
    ...estimate,
    labels: judge.labels,
    labelsEffective: goodAnswers + badAnswers,
  }
}

/** Sums over all judged answers. */
export function allOf({ passed, failed }: JudgedAnswers): JudgedAnswers['passed'] {
  return {
    scored: passed.scored + failed.scored,
    weight: passed.weight + failed.weight,
    weightSquared: passed.weightSquared + failed.weightSquared,
    weightedValue: passed.weightedValue + failed.weightedValue,
    weightedValueSquared: passed.weightedValueSquared + failed.weightedValueSquared,
    weightSquaredValue: passed.weightSquaredValue + failed.weightSquaredValue,
    weightSquaredValueSquared: passed.weightSquaredValueSquared + failed.weightSquaredValueSquared,
  }
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share))
}
