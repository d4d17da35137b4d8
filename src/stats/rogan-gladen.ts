// A judge's pass rate corrected by its sensitivity and specificity, measured on another population
// (Rogan and Gladen 1978; interval of Lee et al. 2025, arXiv 2511.21140).
import type { Bounds } from './interval.ts'
import { normalWidth } from './normal.ts'

/** A judge with two verdicts, as measured on answers whose truth is known. */
export interface JudgeQuality {
  /** Share of good answers that it passes, and on how many it was measured. */
  readonly sensitivity: number
  readonly goodAnswers: number
  /** Share of bad answers that it fails, and on how many. */
  readonly specificity: number
  readonly badAnswers: number
}

/** Below this the judge says too little for a correction: sensitivity + specificity - 1. */
export const leastInformedness = 0.3

/** Sensitivity + specificity - 1: 1 for a judge that never errs, 0 for a coin. */
export function informedness({ sensitivity, specificity }: JudgeQuality): number {
  return sensitivity + specificity - 1
}

/**
 * Corrected share of good answers with its interval, both cut to [0,1].
 * Throws a `RangeError` when the judge is barely better than chance.
 * @param passRate share of answers that the judge passed
 * @param judged how many it judged
 */
export function roganGladen(
  passRate: number,
  judged: number,
  judge: JudgeQuality,
  confidence = 0.95,
): Bounds & { readonly value: number } {
  const { sensitivity, specificity, goodAnswers, badAnswers } = judge
  if (!(informedness(judge) >= leastInformedness)) {
    throw new RangeError(
      `sensitivity ${sensitivity} and specificity ${specificity} add up to less than ${1 + leastInformedness}: the correction would be noise`,
    )
  }
  const z = normalWidth(confidence)
  const rate = smoothed(passRate, judged, (z * z) / 2)
  const q1 = smoothed(sensitivity, goodAnswers, 1)
  const q0 = smoothed(specificity, badAnswers, 1)
  const smoothedInformedness = q0.share + q1.share - 1
  const share = (rate.share + q0.share - 1) / smoothedInformedness
  const shift = 2 * z * z * (-(1 - share) * q0.variance + share * q1.variance)
  const half =
    (z * Math.sqrt(rate.variance + (1 - share) ** 2 * q0.variance + share ** 2 * q1.variance)) /
    smoothedInformedness
  const value = within((passRate + specificity - 1) / (sensitivity + specificity - 1))
  return {
    value,
    // Smoothing moves the interval's middle: with few answers it could leave the value outside.
    lower: Math.min(value, within(share + shift - half)),
    upper: Math.max(value, within(share + shift + half)),
  }
}

/** A share after `added` successes and as many failures were added, and the variance of its estimate. */
function smoothed(share: number, count: number, added: number) {
  const total = count + 2 * added
  const moved = (share * count + added) / total
  return { share: moved, variance: (moved * (1 - moved)) / total }
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share))
}

/**
 * Splits a number of labels between answers that are truly bad and truly good so that the corrected share is sharpest.
 * @param pilots labels that each side has already
 */
export function allocateLabels(
  labels: number,
  passRate: number,
  pilot: { readonly sensitivity: number; readonly specificity: number; readonly pilots: number },
): { readonly bad: number; readonly good: number } {
  const { sensitivity, specificity, pilots } = pilot
  if (!(passRate > 0)) return { bad: pilots, good: labels - pilots }
  const ratio = (pilots * (1 - specificity) + 1) / (pilots * (1 - sensitivity) + 1)
  const ideal = labels / (1 + (1 / passRate - 1) * Math.sqrt(ratio))
  const good = Math.max(pilots, Math.round(Math.min(labels - pilots, ideal)))
  return { bad: labels - good, good }
}
