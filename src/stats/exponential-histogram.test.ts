import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bucketOf,
  countOf,
  estimateOf,
  histogramOf,
  largestRelativeError,
  mergeHistograms,
  quantileOf,
  storedHistogram,
  zeroBucket,
} from './exponential-histogram.ts'

/** Nanoseconds to years. */
const value = fc.double({ min: 2e-9, max: 1e8, noNaN: true })
const values = fc.array(value, { minLength: 1, maxLength: 300 })
const level = fc.double({ min: 0, max: 1, noNaN: true })
/** Logarithms round: a value on a bound may land beside it. */
const slack = 1e-12

const byBucket = (histogram: ReadonlyMap<number, number>) =>
  [...histogram].toSorted(([a], [b]) => a - b)

const exactQuantile = (sample: readonly number[], at: number) =>
  sample.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(sample.length * at)) - 1] ?? Number.NaN

test('the bound of scale 5 is the one that is promised', () => {
  expect(largestRelativeError).toBeCloseTo(0.01083, 5)
})

describe('buckets', () => {
  test.each([
    // OpenTelemetry: upper bounds belong to the bucket, so 1 is the last of bucket -1.
    [1, -1],
    [2, 31],
    [4, 63],
    [0.5, -33],
    [1.01, 0],
    [0.25, -65],
    [0, zeroBucket],
    [-0.5, zeroBucket],
    [Number.NaN, zeroBucket],
  ])('%d lies in %d', (input, bucket) => {
    expect(bucketOf(input)).toBe(bucket)
  })

  test('the estimate of a value is never off by more than the bound', () => {
    fc.assert(
      fc.property(value, (input) => {
        const error = Math.abs(estimateOf(bucketOf(input)) - input) / input
        expect(error).toBeLessThanOrEqual(largestRelativeError + slack)
      }),
    )
  })

  test('larger values never lie in lower buckets', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(bucketOf(Math.min(a, b))).toBeLessThanOrEqual(bucketOf(Math.max(a, b)))
      }),
    )
  })
})

describe('merging', () => {
  test('is the histogram of all values, in every order and grouping', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), fc.nat(), (parts, turn) => {
        const whole = byBucket(histogramOf(parts.flat()))
        const histograms = parts.map(histogramOf)
        const at = turn % parts.length
        const turned = [...histograms.slice(at), ...histograms.slice(0, at)]
        const grouped = [mergeHistograms(turned.slice(0, at)), mergeHistograms(turned.slice(at))]
        expect(byBucket(mergeHistograms(histograms))).toEqual(whole)
        expect(byBucket(mergeHistograms(turned.toReversed()))).toEqual(whole)
        expect(byBucket(mergeHistograms(grouped))).toEqual(whole)
      }),
    )
  })

  test('with nothing changes nothing', () => {
    const histogram = histogramOf([0.1, 0.1, 2])
    expect(mergeHistograms([histogram, new Map()])).toEqual(histogram)
    expect(countOf(histogram)).toBe(3)
  })
})

describe('quantiles', () => {
  test('each is within the bound of the exact one', () => {
    fc.assert(
      fc.property(values, level, (sample, at) => {
        const exact = exactQuantile(sample, at)
        const estimate = quantileOf(histogramOf(sample), at) ?? Number.NaN
        expect(Math.abs(estimate - exact) / exact).toBeLessThanOrEqual(largestRelativeError + slack)
      }),
    )
  })

  test('200,000 lognormal latencies in 60 parts are within it too', () => {
    const sample = lognormal(200_000)
    const parts = Array.from({ length: 60 }, (_, part) =>
      sample.filter((_each, at) => at % 60 === part),
    )
    const merged = mergeHistograms(parts.map(histogramOf))
    for (const at of [0.5, 0.9, 0.95, 0.99, 0.999]) {
      const exact = exactQuantile(sample, at)
      const error = Math.abs((quantileOf(merged, at) ?? Number.NaN) - exact) / exact
      expect(error).toBeLessThanOrEqual(largestRelativeError)
    }
    // Fewer than 420 buckets, where DDSketch at 1 % has 755 bins.
    expect(merged.size).toBeLessThan(420)
  })

  test('of nothing there is none, and zeros stay zero', () => {
    expect(quantileOf(new Map(), 0.5)).toBeNull()
    expect(quantileOf(histogramOf([0, 0, 0, 5]), 0.75)).toBe(0)
    expect(quantileOf(histogramOf([0, 0, 0, 5]), 1)).toBeCloseTo(5, 0)
  })

  test('the store writes buckets as text', () => {
    expect(storedHistogram({ '-1': 2, '31': 1 })).toEqual(
      new Map([
        [-1, 2],
        [31, 1],
      ]),
    )
    expect(storedHistogram(undefined).size).toBe(0)
  })
})

/** Box and Muller over a fixed linear congruence, so that each run sees the same latencies. */
function lognormal(count: number): readonly number[] {
  let state = 20_260_115
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    return Math.exp(-1 + 0.9 * normal)
  })
}
