// Closed boundaries that hold at every time: stitched ones and the law of the iterated logarithm
// (Howard, Ramdas, McAuliffe and Sekhon 2021; Howard and Ramdas 2022 for quantiles).

/** Shape of a stitched boundary: exponent of the time's weight and ratio of its epochs. */
export interface Stitching {
  /** Default 1.4. */
  readonly s?: number
  /** Default 2. */
  readonly eta?: number
}

/**
 * Polynomial stitching: bound of a sub-gamma sum at intrinsic variance `v`.
 * @param smallestVariance where the boundary starts to be tight
 * @param c scale of the tail; 0 for sub-Gaussian sums
 */
export function polyStitchingBound(
  v: number,
  alpha: number,
  {
    smallestVariance,
    c = 0,
    s = 1.4,
    eta = 2,
  }: Stitching & { smallestVariance: number; c?: number },
): number {
  const used = Math.max(v, smallestVariance)
  const level =
    s * Math.log(Math.log((eta * used) / smallestVariance)) +
    Math.log(zeta(s) / Math.log(eta) ** s) +
    Math.log(1 / alpha)
  const linear = linearFactor(eta) * c * level
  return Math.sqrt(rootFactor(eta) ** 2 * used * level + linear * linear) + linear
}

/**
 * Double stitching: bound of the deviation of a quantile's rank after `t` observations.
 * @param p the quantile, in (0,1)
 */
export function doubleStitchingBound(
  p: number,
  t: number,
  alpha: number,
  { bestTime, delta = 0.5, s = 1.4, eta = 2 }: Stitching & { bestTime: number; delta?: number },
): number {
  const time = Math.max(t, bestTime)
  const nearer = Math.min(0.5, expit(logit(p) + 2 * delta * Math.sqrt((bestTime * eta) / time)))
  const r = p >= 0.5 ? p : nearer
  const variance = r * (1 - r)
  const grid = (Math.sqrt(time / bestTime) * Math.abs(logit(p))) / (2 * delta) + 1
  const total = zeta(s)
  const level =
    s * Math.log(Math.log((eta * time) / bestTime)) +
    s * Math.log(grid) +
    Math.log((2 * total * (2 * total + 1)) / (alpha * Math.log(eta) ** s))
  const linear = (linearFactor(eta) * level * (1 - 2 * p)) / 3
  return (
    delta * Math.sqrt((eta * time * variance) / bestTime) +
    Math.sqrt(rootFactor(eta) ** 2 * variance * time * level + linear * linear) +
    linear
  )
}

/**
 * Largest distance between the empirical and the true distribution function at any time from `firstTime` on.
 * @param factor above 1 / sqrt 2: smaller is tighter later
 * @returns Infinity before `firstTime`
 */
export function empiricalProcessBound(
  t: number,
  alpha: number,
  { firstTime, factor = 0.85 }: { firstTime: number; factor?: number },
): number {
  if (!(factor > Math.SQRT1_2)) {
    throw new RangeError(`the factor must exceed ${Math.SQRT1_2}, not ${factor}`)
  }
  if (t < firstTime) return Infinity
  const constant = smallestConstant(alpha, factor)
  return factor * Math.sqrt((Math.log(1 + Math.log(t / firstTime)) + constant) / t)
}

/** The smallest C whose crossing probability, at the best ratio of epochs, is alpha. */
function smallestConstant(alpha: number, factor: number): number {
  let high = 5
  while (crossingProbability(high, factor) > alpha) high *= 2
  return bisect(0, high, (c) => crossingProbability(c, factor) <= alpha)
}

function crossingProbability(c: number, factor: number): number {
  const isTooFar = (eta: number) => Math.sqrt(eta / 2) + Math.sqrt((2 * (eta - 1)) / c) >= factor
  const farthest = bisect(1, 2 * factor * factor, isTooFar)
  return smallestValue(1, farthest, (eta) => {
    const gamma = (2 / eta) * (factor - Math.sqrt((2 * (eta - 1)) / c)) ** 2
    if (gamma <= 1 || eta <= 1) return Infinity
    return 4 * Math.exp(-gamma * c) * (1 + 1 / ((gamma - 1) * Math.log(eta)))
  })
}

/** The point from which on `holds` is true, given that it changes once. */
function bisect(from: number, to: number, holds: (x: number) => boolean): number {
  let [low, high] = [from, to]
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}

const golden = (Math.sqrt(5) - 1) / 2

/** Minimum of a function with one valley, by golden sections. */
function smallestValue(from: number, to: number, of: (x: number) => number): number {
  let [low, high] = [from, to]
  for (let step = 0; step < 80; step += 1) {
    const left = high - golden * (high - low)
    const right = low + golden * (high - low)
    if (of(left) <= of(right)) high = right
    else low = left
  }
  return of((low + high) / 2)
}

const rootFactor = (eta: number) => (eta ** 0.25 + eta ** -0.25) / Math.SQRT2
const linearFactor = (eta: number) => (Math.sqrt(eta) + 1) / 2
const logit = (p: number) => Math.log(p / (1 - p))
const expit = (x: number) => 1 / (1 + Math.exp(-x))

/** Riemann's zeta function above 1: the first terms and Euler and Maclaurin's remainder. */
function zeta(s: number): number {
  const first = 20
  let sum = 0
  for (let n = 1; n < first; n += 1) sum += n ** -s
  return (
    sum +
    first ** (1 - s) / (s - 1) +
    first ** -s / 2 +
    (s * first ** (-s - 1)) / 12 -
    (s * (s + 1) * (s + 2) * first ** (-s - 3)) / 720
  )
}
