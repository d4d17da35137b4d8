// A mean of people's labels sharpened by a judge's scores, when answers were scored with unequal probabilities and
// labelled with unequal probabilities: PPI++ as a two-phase regression estimator (Särndal, Swensson and Wretman 1992).
import { studentWidth } from './beta.ts'
import type { HajekSums } from './hajek.ts'
import type { CalibratedMean, LabelledScore } from './prediction-powered.ts'

/** A label with how its answer came to be scored and labelled. */
export interface DrawnLabel extends LabelledScore {
  /** Probability that the answer was scored, in (0,1]. */
  readonly samplingProbability: number
  /** Probability that a scored answer like this was labelled, in (0,1]. */
  readonly drawProbability: number
}

/**
 * Hájek's mean of the scores of all judged answers, times the trust, plus Hájek's mean of what the labels leave of it.
 * With equal probabilities it is PPI++ over labelled and unlabelled answers (its trust there is this one divided by
 * 1 + n/N); other than that form it needs no answer that had a chance to stay unlabelled.
 * Width: Student's, with as many degrees as the labels are worth.
 * @param labelled answers that are among the judged ones; at least two
 * @param judged sums over all judged answers, with the weights squared times value
 */
export function twoPhaseMean(
  labelled: readonly DrawnLabel[],
  judged: Required<HajekSums>,
  confidence = 0.95,
): CalibratedMean {
  if (labelled.length < 2) {
    throw new RangeError(`a calibrated mean needs two labels at least, not ${labelled.length}`)
  }
  const parts = influences(labelled, judged)
  const trust = parts.judge > 0 ? Math.min(1, Math.max(0, -parts.both / parts.judge)) : 0
  const squares = parts.labels + 2 * trust * parts.both + trust ** 2 * parts.judge
  const degrees = Math.max(1, parts.labelsEffective - 1)
  // Bessel's correction, as the means that the spread is taken about come from the labels themselves.
  const standardError = Math.sqrt(Math.max(0, squares) * ((degrees + 1) / degrees))
  const value = parts.meanTruth + trust * (parts.meanScore - parts.meanLabelledScore)
  const half = standardError * studentWidth(confidence, degrees)
  const bounds = { lower: value - half, upper: value + half }
  const scored = judged.scored - labelled.length
  return { value, ...bounds, standardError, trust, labels: labelled.length, scored }
}

/**
 * What each answer moves the estimate by is a + trust · b, with a from its label and b from its score; here are the
 * sums of a², ab and b² over all judged answers, and the means.
 */
function influences(labelled: readonly DrawnLabel[], judged: Required<HajekSums>) {
  const rows = labelled.map(({ score, truth, samplingProbability, drawProbability }) => ({
    score,
    truth,
    ofJudged: 1 / (samplingProbability * judged.weight),
    weight: 1 / (samplingProbability * drawProbability),
  }))
  const total = rows.reduce((sum, { weight }) => sum + weight, 0)
  const mean = (of: (row: (typeof rows)[number]) => number) =>
    rows.reduce((sum, row) => sum + row.weight * of(row), 0) / total
  const meanTruth = mean(({ truth }) => truth)
  const meanLabelledScore = mean(({ score }) => score)
  const meanScore = judged.weightedValue / judged.weight
  const unlabelledToo =
    judged.weightSquaredValueSquared -
    2 * meanScore * judged.weightSquaredValue +
    meanScore ** 2 * judged.weightSquared
  let [labels, both, judge] = [0, 0, Math.max(0, unlabelledToo) / judged.weight ** 2]
  for (const { score, truth, ofJudged, weight } of rows) {
    const a = (weight / total) * (truth - meanTruth)
    const first = ofJudged * (score - meanScore)
    const second = (weight / total) * (score - meanLabelledScore)
    labels += a * a
    both += a * (first - second)
    judge += second * second - 2 * first * second
  }
  const labelsEffective = total ** 2 / rows.reduce((sum, { weight }) => sum + weight ** 2, 0)
  return { labels, both, judge, meanTruth, meanLabelledScore, meanScore, labelsEffective }
}
