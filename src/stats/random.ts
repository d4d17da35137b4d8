// Repeatable randomness for resampling and simulation: the same seed gives the same numbers on every machine.

/** Draws from [0, 1). */
export type Random = () => number

/** A generator of 32-bit state, `sfc32` (Doty-Humphrey's small fast counter), seeded by a whole number. */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1]
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  // The first numbers still resemble the seed.
  for (let warmUp = 0; warmUp < 15; warmUp += 1) next()
  return next
}

/** A whole number from 0 to `count` - 1. */
export function randomIndex(random: Random, count: number): number {
  return Math.floor(random() * count)
}

/** A standard normal variable (Box and Muller 1958). */
export function randomNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A Gamma(shape, 1) variable (Marsaglia and Tsang 2000). */
export function randomGamma(random: Random, shape: number): number {
  if (!(shape > 0)) throw new RangeError(`a shape is positive, not ${shape}`)
  if (shape < 1) return randomGamma(random, shape + 1) * (1 - random()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = randomNormal(random)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}

/** A Beta(a, b) variable. */
export function randomBeta(random: Random, a: number, b: number): number {
  const x = randomGamma(random, a)
  return x / (x + randomGamma(random, b))
}
