import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../stats/random.ts'
import { arrivalGaps, fitArrivals } from './traffic.ts'

function arrivals(ratePerSecond: number, coefficientOfVariation: number, seed: number): number[] {
  const times = [0]
  for (const gap of arrivalGaps({ ratePerSecond, coefficientOfVariation }, createRandom(seed))) {
    times.push((times.at(-1) ?? 0) + gap * 1_000)
    if (times.length > 50_000) return times
  }
  return times
}

test.each([0.5, 1, 1.5, 3])('gaps have the asked rate and dispersion %s', (dispersion) => {
  const fit = fitArrivals(arrivals(20, dispersion, 1))
  expect(Math.abs(fit.ratePerSecond / 20 - 1)).toBeLessThan(0.05)
  expect(Math.abs(fit.coefficientOfVariation / dispersion - 1)).toBeLessThan(0.06)
})

test('bursty arrivals cluster: counts vary by the squared coefficient over long windows', () => {
  const times = arrivals(50, 2, 3)
  const windowMs = 5_000
  const counts = Array.from({ length: Math.floor((times.at(-1) ?? 0) / windowMs) }, () => 0)
  for (const time of times) {
    const window = Math.floor(time / windowMs)
    if (window < counts.length) counts[window] = (counts[window] ?? 0) + 1
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length
  expect(variance / mean).toBeGreaterThan(2.5)
  expect(variance / mean).toBeLessThan(5.5)
})

test('gaps are never negative', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.3, max: 15, noNaN: true }), fc.nat(), (dispersion, seed) => {
      const process = { ratePerSecond: 1, coefficientOfVariation: dispersion }
      const gaps = arrivalGaps(process, createRandom(seed))
      for (let index = 0; index < 50; index += 1) {
        expect(gaps.next().value).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})
