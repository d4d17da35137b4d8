// Means of human labels, sharpened by a judge that scored many more answers (Angelopoulos et al. 2023, PPI++).
import { studentWidth } from './beta.ts'
import type { Bounds } from './interval.ts'
import { normalWidth } from './normal.ts'

/** An answer with the judge's score and a person's verdict, both in [0,1]. */
export interface LabelledScore {
  readonly score: number
  readonly truth: number
}

/** A calibrated mean; bounds are not cut to [0,1], so that a miss is seen. */
export interface CalibratedMean extends Bounds {
  readonly value: number
  readonly standardError: number
  /** How far the judge is trusted: 0 = the labels alone, 1 = the judge corrected by them. */
  readonly trust: number
  readonly labels: number
  readonly scored: number
}

/**
 * PPI++ mean with the trust that minimises its variance. Fewer than 50 labels take Student's width.
 * @param labelled a random draw of the answers, at least two
 * @param scores the judge's scores of the answers that nobody labelled
 */
export function predictionPoweredMean(
  labelled: readonly LabelledScore[],
  scores: readonly number[],
  options: { readonly confidence?: number; readonly width?: 'normal' | 'student' } = {},
): CalibratedMean {
  const { confidence = 0.95, width = labelled.length < 50 ? 'student' : 'normal' } = options
  const [n, unlabelled] = [labelled.length, scores.length]
  if (n < 2) throw new RangeError(`a calibrated mean needs two labels at least, not ${n}`)
  const trust = unlabelled === 0 ? 0 : bestTrust(labelled, scores)
  const rest = labelled.map(({ score, truth }) => truth - trust * score)
  const value = (unlabelled === 0 ? 0 : trust * mean(scores)) + mean(rest)
  const fromJudge = unlabelled === 0 ? 0 : (trust ** 2 * variance(scores)) / unlabelled
  const standardError = Math.sqrt(fromJudge + variance(rest) / n)
  const half =
    standardError * (width === 'normal' ? normalWidth(confidence) : studentWidth(confidence, n - 1))
  const bounds = { lower: value - half, upper: value + half }
  return { value, ...bounds, standardError, trust, labels: n, scored: unlabelled }
}

function bestTrust(labelled: readonly LabelledScore[], scores: readonly number[]): number {
  const [n, unlabelled] = [labelled.length, scores.length]
  const judged = labelled.map(({ score }) => score)
  const [meanScore, meanTruth] = [mean(judged), mean(labelled.map(({ truth }) => truth))]
  const covariance = mean(
    labelled.map(({ score, truth }) => (score - meanScore) * (truth - meanTruth)),
  )
  const all = [...judged, ...scores]
  const spread = (variance(all) * all.length) / (all.length - 1)
  if (spread === 0) return 0
  return Math.min(1, Math.max(0, covariance / ((1 + n / unlabelled) * spread)))
}

/**
 * How many labels without a judge would be worth as much (Angelopoulos et al. 2023).
 * @param correlation of score and truth, in [-1,1]
 */
export function effectiveLabels(labels: number, scored: number, correlation: number): number {
  return (labels * (labels + scored)) / (labels + scored * (1 - correlation ** 2))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Over n, as the estimator's formula has it. */
function variance(values: readonly number[]): number {
  const centre = mean(values)
  return mean(values.map((value) => (value - centre) ** 2))
}
