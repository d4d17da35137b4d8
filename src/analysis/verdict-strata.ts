// Judged answers and labels as strata of equal verdicts, each count as large as it is worth.
import { hajek, type HajekSums } from '../stats/hajek.ts'
import type { VerdictStratum } from '../stats/judged-pass-rate.ts'
import type { DrawnLabel } from '../stats/two-phase-mean.ts'

/** Sums of a judge's scores by its verdict, with w = 1 / probability that the answer was scored. */
export interface JudgedAnswers {
  readonly passed: Required<HajekSums>
  readonly failed: Required<HajekSums>
}

/** What people said of a judged answer that was drawn for labelling with a known probability. */
export interface LabelledAnswer extends DrawnLabel {
  /** Whether the judge's score reached its pass mark. */
  readonly passed: boolean
  /** Whether each person said good (1) or bad (0), nothing between. `truth` is their mean. */
  readonly isVerdict: boolean
}

/**
 * The two strata, passed first, with effective counts: the number of equal-probability draws that the weighted ones
 * are worth, so that one answer that speaks for a hundred is not taken for a hundred.
 */
export function verdictStrata(
  judged: JudgedAnswers,
  labels: readonly LabelledAnswer[],
): readonly [VerdictStratum, VerdictStratum] {
  const { share, answers } = passShare(judged)
  const stratum = (passed: boolean): VerdictStratum => {
    const own = labels.filter((label) => label.passed === passed)
    const scored = passed ? judged.passed.scored : judged.failed.scored
    return {
      judged: answers * (passed ? share : 1 - share),
      ...effectiveLabels(own),
      unlabelled: Math.max(0, scored - own.length),
    }
  }
  return [stratum(true), stratum(false)]
}

/** Share of the traffic that the judge passes, and the effective number of judged answers behind it. */
export function passShare({ passed, failed }: JudgedAnswers): {
  readonly share: number
  readonly answers: number
} {
  const weight = passed.weight + failed.weight
  const share = passed.weight / weight
  const squares = passed.weightSquared + failed.weightSquared
  const deviations = (1 - share) ** 2 * passed.weightSquared + share ** 2 * failed.weightSquared
  const worth = (share * (1 - share) * weight ** 2) / deviations
  return { share, answers: effective(worth, weight ** 2 / squares, share) }
}

function effectiveLabels(labels: readonly LabelledAnswer[]) {
  const found = hajek(
    labels.map(({ truth }) => truth),
    labels.map(({ samplingProbability, drawProbability }) => samplingProbability * drawProbability),
  )
  if (found === null) return { labels: 0, good: 0 }
  const { mean, variance, nEffective } = found
  const count = effective((mean * (1 - mean)) / variance, nEffective, mean)
  return { labels: count, good: Math.min(count, mean * count) }
}

/**
 * Korn and Graubard's (1998) size, at which equal draws would have this variance, but never more than Kish's (1965):
 * a few labels can have a small variance by luck, and where weights and verdicts go together Kish's is too large.
 */
function effective(worth: number, kish: number, share: number): number {
  return share > 0 && share < 1 ? Math.min(worth, kish) : kish
}
