// The gamma function and the regularised incomplete gamma functions.

/** Logarithm of the gamma function for positive arguments (Lanczos, g = 7, nine terms). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const shifted = x - 1
  const sum = lanczos.reduce(
    (total, coefficient, index) =>
      index === 0 ? coefficient : total + coefficient / (shifted + index),
    0,
  )
  const t = shifted + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * Regularised lower incomplete gamma function P(a, x): the probability that a Gamma(a, 1) variable lies below x.
 * A series below the mean, Lentz's continued fraction above it (Abramowitz and Stegun 6.5.29 and 6.5.31).
 * @param a positive
 * @param x not negative
 */
export function gammaBelow(a: number, x: number): number {
  expectGammaArguments(a, x)
  if (x === 0) return 0
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x)
}

/** Its complement Q(a, x) = 1 - P(a, x), precise where it is small. */
export function gammaAbove(a: number, x: number): number {
  expectGammaArguments(a, x)
  if (x === 0) return 1
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x)
}

function expectGammaArguments(a: number, x: number): void {
  if (!(a > 0 && x >= 0)) {
    throw new RangeError(`a must be positive and x not negative: a = ${a}, x = ${x}`)
  }
}

function gammaFront(a: number, x: number): number {
  return Math.exp(a * Math.log(x) - x - logGamma(a))
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < 100_000 && Math.abs(term) > Math.abs(sum) * 1e-16; n += 1) {
    term *= x / (a + n)
    sum += term
  }
  return sum * gammaFront(a, x)
}

function gammaFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 100_000; n += 1) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / away(numerator * d + b, tiny)
    c = away(b + numerator / c, tiny)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return fraction * gammaFront(a, x)
}

function away(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
]
