// The share of good answers from a judge's pass or fail on all answers and people's verdicts on a few of each.
import type { Bounds } from './interval.ts'
import { jeffreys } from './interval.ts'
import { createRandom, type Random } from './random.ts'

/** Answers with the same verdict of the judge (or of another grouping that the judge's answer decides). */
export interface VerdictStratum {
  /** Answers of the traffic with this verdict, or their effective number where they were sampled unequally. */
  readonly judged: number
  /** How many of them people labelled, drawn at random within the stratum. */
  readonly labels: number
  /** How many of those people called good. */
  readonly good: number
  /** Answers that could still be labelled, where `judged` and `labels` are effective numbers. */
  readonly unlabelled?: number
}

/** A calibrated share. */
export interface CalibratedShare extends Bounds {
  readonly value: number
  readonly labels: number
  readonly judged: number
}

/**
 * Composition of posteriors with Jeffreys' priors: the share of each verdict in the traffic times the share of good
 * answers under it. Covers where the normal intervals fail: near 0 and 1 and with few labels.
 * The value is the plain stratified share, which has no bias; the posterior's mean is drawn towards one half, by almost
 * two points at 50 labels and a true share of .98. As in Jeffreys' own interval, the bounds always hold the value.
 * Repeatable: equal input gives equal bounds.
 */
export function judgedPassRate(
  strata: readonly VerdictStratum[],
  { confidence = 0.95, draws = 4_000 } = {},
): CalibratedShare {
  strata.forEach(expectStratum)
  const judged = strata.reduce((sum, stratum) => sum + stratum.judged, 0)
  const labels = strata.reduce((sum, stratum) => sum + stratum.labels, 0)
  if (!(judged > 0)) throw new RangeError('no answer was judged')
  const random = createRandom(`${labels} of ${judged}`)
  const sorted = Array.from({ length: draws }, () => drawShare(random, strata)).toSorted(
    (a, b) => a - b,
  )
  const tail = (1 - confidence) / 2
  const quantile = (p: number) => sorted[Math.round(p * (draws - 1))] ?? 0
  const value = strata.reduce(
    (sum, stratum) => sum + (stratum.judged / judged) * seenShare(stratum),
    0,
  )
  return {
    value,
    lower: Math.min(value, quantile(tail)),
    upper: Math.max(value, quantile(1 - tail)),
    labels,
    judged,
  }
}

/** An unlabelled stratum may be anything. */
function seenShare({ labels, good }: VerdictStratum): number {
  return labels > 0 ? good / labels : 0.5
}

function drawShare(random: Random, strata: readonly VerdictStratum[]): number {
  const sizes = strata.map(({ judged }) => random.gamma(judged + 0.5, 1))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  return strata.reduce((sum, { labels, good }, index) => {
    const share = random.beta(good + 0.5, labels - good + 0.5)
    return sum + ((sizes[index] ?? 0) / total) * share
  }, 0)
}

function expectStratum({ judged, labels, good }: VerdictStratum): void {
  if (!(good >= 0 && good <= labels && judged >= 0)) {
    throw new RangeError(`a stratum of ${judged} answers has ${good} good ones of ${labels} labels`)
  }
}

/** What more labels would bring. */
export interface LabelPlan {
  /** How many more labels, in the order of the strata. */
  readonly more: readonly number[]
  /** Half-widths of the interval now and then, if the new labels look like the old ones. */
  readonly halfWidthNow: number
  readonly halfWidthThen: number
}

/**
 * How many of the next labels go to each verdict: evenly, as far as there are answers left. Half on each verdict kept
 * its coverage best in simulation.
 */
export function dealLabels(strata: readonly VerdictStratum[], extra: number): number[] {
  const room = strata.map(({ judged, labels, unlabelled }) =>
    Math.max(0, Math.floor(unlabelled ?? judged - labels)),
  )
  const dealt = room.map(() => 0)
  for (let left = extra; left > 0; left -= 1) {
    const next = room
      .map((space, index) => ({ index, has: dealt[index] ?? 0, space }))
      .filter(({ has, space }) => has < space)
      .toSorted((a, b) => a.has - b.has)[0]
    if (next === undefined) break
    dealt[next.index] = next.has + 1
  }
  return dealt
}

/**
 * Where the next labels go, and how much narrower they would make the interval.
 * @param expected share of good answers that the next labels of each stratum will find; default: as those so far
 */
export function planLabels(
  strata: readonly VerdictStratum[],
  extra: number,
  expected: readonly number[] = strata.map(expectedShare),
): LabelPlan {
  const more = dealLabels(strata, extra)
  const later = strata.map((stratum, index) => {
    const added = more[index] ?? 0
    const labels = stratum.labels + added
    return {
      ...stratum,
      labels,
      good: Math.min(labels, stratum.good + added * (expected[index] ?? 0.5)),
    }
  })
  return {
    more,
    halfWidthNow: halfWidth(judgedPassRate(strata)),
    halfWidthThen: halfWidth(judgedPassRate(later)),
  }
}

/** What the next label of a stratum finds: an unlabelled one is an even chance, which promises nothing. */
export function expectedShare({ labels, good }: VerdictStratum): number {
  return (good + 0.5) / (labels + 1)
}

const halfWidth = ({ lower, upper }: Bounds) => (upper - lower) / 2

/** The share from labels alone (Jeffreys), to show beside the calibrated one. */
export function labelledShare(good: number, labels: number, confidence = 0.95): CalibratedShare {
  const value = labels === 0 ? 0.5 : good / labels
  return { value, ...jeffreys(good, labels, confidence), labels, judged: 0 }
}
