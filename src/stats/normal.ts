// The normal distribution: its quantiles and its distribution function.
import { gammaAbove } from './gamma.ts'

/**
 * The value below which a standard normal variable lies with the given probability.
 * Wichura's AS 241 (Applied Statistics 37, 1988), accurate to about 1e-15.
 * @param probability in (0,1); 0 and 1 give -Infinity and Infinity
 */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`a probability lies in [0,1], not ${probability}`)
  }
  if (probability === 0) return -Infinity
  if (probability === 1) return Infinity
  const centred = probability - 0.5
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred
    return (centred * polynomial(middleTop, r)) / polynomial(middleBottom, r)
  }
  const tail = Math.sqrt(-Math.log(Math.min(probability, 1 - probability)))
  const size =
    tail <= 5
      ? polynomial(tailTop, tail - 1.6) / polynomial(tailBottom, tail - 1.6)
      : polynomial(farTop, tail - 5) / polynomial(farBottom, tail - 5)
  return Math.sign(centred) * size
}

/** The probability that a standard normal variable lies below z. */
export function normalProbability(z: number): number {
  // erfc(x) is the upper incomplete gamma function at one half, which keeps its precision in the tail.
  const tail = gammaAbove(0.5, (z * z) / 2) / 2
  return z < 0 ? tail : 1 - tail
}

/** Half-width in standard errors of a two-sided interval, e.g. 1.96 for 0.95. */
export function normalWidth(confidence: number): number {
  return normalQuantile((1 + confidence) / 2)
}

/** Coefficients are in rising order. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)
}

const middleTop = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
]
const middleBottom = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
]
const tailTop = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
]
const tailBottom = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008,
  0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
]
const farTop = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487,
  0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
]
const farBottom = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
]
