// How far people (or a person and the judge) agree beyond chance. The words for strength are Krippendorff's:
// 0.8 and more is good, from 0.667 tentative.
import { createRandom } from './random.ts'

/** Ratings of one answer: as many as there were raters for it. */
export type Unit = readonly number[]

/** How a disagreement grows with the distance between two categories. */
export type Weighting = 'none' | 'linear' | 'quadratic'

/** What the numbers of a rating mean: names, ranks, points on a line, points above a true zero. */
export type Level = 'nominal' | 'ordinal' | 'interval' | 'ratio'

/**
 * Cohen's kappa (1960, weighted 1968) of two raters who rated the same answers. Categories are the distinct values in
 * rising order and count as equally far apart.
 * @param counts for how many answers each pair speaks (default 1): answers that were picked more often than others
 * would else show the agreement of the pick, not of the traffic
 * @returns `null` when both used one category only: nothing tells agreement from chance then
 */
export function cohenKappa(
  pairs: readonly Unit[],
  weighting: Weighting = 'none',
  counts: readonly number[] = pairs.map(() => 1),
): number | null {
  const both = pairs.flatMap(([first, second], place) =>
    first === undefined || second === undefined
      ? []
      : [{ rated: [first, second] as const, count: counts[place] ?? 0 }],
  )
  const categories = [...new Set(both.flatMap(({ rated }) => rated))].toSorted((a, b) => a - b)
  const index = new Map(categories.map((category, position) => [category, position]))
  const at = (value: number) => index.get(value) ?? 0
  const distance = distanceOf(weighting)
  const total = sum(both.map(({ count }) => count))
  const marginal = (side: 0 | 1) =>
    categories.map((category) =>
      sum(both.map(({ rated, count }) => (rated[side] === category ? count : 0))),
    )
  const observed =
    sum(both.map(({ rated: [a, b], count }) => count * distance(at(a), at(b)))) / total
  const [rows, columns] = [marginal(0), marginal(1)]
  const expected =
    sum(rows.map((row, i) => sum(columns.map((column, j) => row * column * distance(i, j))))) /
    total ** 2
  return expected > 0 ? 1 - observed / expected : null
}

function distanceOf(weighting: Weighting): (i: number, j: number) => number {
  if (weighting === 'none') return (i, j) => (i === j ? 0 : 1)
  return weighting === 'linear' ? (i, j) => Math.abs(i - j) : (i, j) => (i - j) ** 2
}

/**
 * Fleiss' kappa (1971): answers that were each rated by the same number of raters, not necessarily the same people.
 * @param counts for each answer, how many raters chose each category
 * @returns `null` when one category was used only
 */
export function fleissKappa(counts: readonly (readonly number[])[]): number | null {
  const raters = sum(counts[0] ?? [])
  if (!(raters >= 2 && counts.every((row) => sum(row) === raters))) {
    throw new RangeError('every answer needs the same number of raters, at least two')
  }
  const agreed = counts.map(
    (row) => row.reduce((total, count) => total + count * (count - 1), 0) / (raters * (raters - 1)),
  )
  const shares = (counts[0] ?? []).map(
    (_, category) => sum(counts.map((row) => row[category] ?? 0)) / (counts.length * raters),
  )
  const observed = sum(agreed) / counts.length
  const expected = shares.reduce((total, share) => total + share ** 2, 0)
  return expected < 1 ? (observed - expected) / (1 - expected) : null
}

/**
 * Krippendorff's alpha (2011): any number of raters, ratings may be missing. Answers with fewer than two ratings
 * say nothing.
 * @returns `null` without variation or without an answer that two rated
 */
export function krippendorffAlpha(units: readonly Unit[], level: Level): number | null {
  const paired = units.filter((unit) => unit.length >= 2)
  const values = [...new Set(paired.flat())].toSorted((a, b) => a - b)
  const totals = values.map((value) =>
    paired.reduce((count, unit) => count + unit.filter((rating) => rating === value).length, 0),
  )
  const distance = differenceOf(level, values, totals)
  const at = new Map(values.map((value, index) => [value, index]))
  const within = paired.reduce((total, unit) => {
    const indexes = unit.map((value) => at.get(value) ?? 0)
    return total + pairSum(indexes, distance) / (unit.length - 1)
  }, 0)
  const n = sum(totals)
  const across = totals.reduce(
    (total, count, i) =>
      total + totals.reduce((inner, other, j) => inner + count * other * distance(i, j), 0),
    0,
  )
  return across > 0 ? 1 - ((n - 1) * within) / across : null
}

function pairSum(indexes: readonly number[], distance: (i: number, j: number) => number): number {
  return indexes.reduce(
    (total, i) => total + indexes.reduce((inner, j) => inner + distance(i, j), 0),
    0,
  )
}

function differenceOf(
  level: Level,
  values: readonly number[],
  totals: readonly number[],
): (i: number, j: number) => number {
  const value = (index: number) => values[index] ?? 0
  if (level === 'nominal') return (i, j) => (i === j ? 0 : 1)
  if (level === 'interval') return (i, j) => (value(i) - value(j)) ** 2
  if (level === 'ratio') {
    return (i, j) => (i === j ? 0 : ((value(i) - value(j)) / (value(i) + value(j))) ** 2)
  }
  return (i, j) => {
    const [low, high] = [Math.min(i, j), Math.max(i, j)]
    const ranks = sum(totals.slice(low, high + 1))
    return (ranks - ((totals[low] ?? 0) + (totals[high] ?? 0)) / 2) ** 2
  }
}

/** A coefficient with its interval; `value` is `null` where it is not defined. */
export interface AgreementEstimate {
  readonly value: number | null
  readonly lower: number | null
  readonly upper: number | null
  /** Answers with two ratings at least. */
  readonly n: number
}

/**
 * A coefficient with its percentile bootstrap interval over answers (Efron and Tibshirani 1993); repeatable.
 * No interval below ten answers: a resample of so few says more about luck than about agreement.
 */
export function agreementInterval(
  units: readonly Unit[],
  coefficient: (units: readonly Unit[]) => number | null,
  { confidence = 0.95, resamples = 1_000 } = {},
): AgreementEstimate {
  const paired = units.filter((unit) => unit.length >= 2)
  return resampled(paired, coefficient, { confidence, resamples })
}

/** `agreementInterval` for rated answers of any form, such as those that speak for several. */
export function resampled<Item>(
  items: readonly Item[],
  coefficient: (items: readonly Item[]) => number | null,
  { confidence = 0.95, resamples = 1_000 } = {},
): AgreementEstimate {
  const n = items.length
  const value = n === 0 ? null : coefficient(items)
  if (value === null || n < fewestAnswers) return { value, lower: null, upper: null, n }
  const random = createRandom(n)
  const draws = Array.from({ length: resamples }, () =>
    coefficient(items.map(() => random.pick(items))),
  ).filter((draw) => draw !== null)
  const sorted = draws.toSorted((a, b) => a - b)
  const tail = (1 - confidence) / 2
  const quantile = (p: number) => sorted[Math.round(p * (sorted.length - 1))] ?? null
  return { value, lower: quantile(tail), upper: quantile(1 - tail), n }
}

const fewestAnswers = 10

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
