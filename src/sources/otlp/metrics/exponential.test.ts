// Exponential histograms, there and back: scale, zero count and threshold, and the count of each bucket.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTestOtlp, keyValues, metricsOf, nanos, testNowMs } from '../test-receiver.ts'
import type { Sample } from '../../../records/sample.ts'

interface Exponential {
  readonly count: number
  readonly sum: number
  readonly scale: number
  readonly zeroCount: number
  readonly zeroThreshold: number
  readonly positive: Buckets
  readonly negative: Buckets
}

interface Buckets {
  readonly offset: number
  readonly counts: readonly number[]
}

const buckets = fc.record({
  offset: fc.integer({ min: -2_000, max: 2_000 }),
  counts: fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 40 }),
})

const shape = {
  zeroCount: fc.nat({ max: 1_000 }),
  zeroThreshold: fc.constantFrom(0, 1e-9, 0.25),
  positive: buckets,
  negative: buckets,
}

const exponential = fc
  .record({ ...shape, scale: fc.integer({ min: -10, max: 20 }), sum: fc.nat() })
  .map((parts): Exponential => ({ ...parts, count: countOf(parts) }))

const countOf = ({ zeroCount, positive, negative }: Omit<Exponential, 'count'>) =>
  [zeroCount, ...positive.counts, ...negative.counts].reduce((total, count) => total + count, 0)

const sent = ({ offset, counts }: Buckets) => ({ offset, bucketCounts: counts.map(String) })

function metricOf(name: string, temporality: number, histogram: Exponential, endMs: number) {
  const { count, sum, scale, zeroCount, zeroThreshold, positive, negative } = histogram
  const point = {
    startTimeUnixNano: nanos(endMs - 1_000),
    timeUnixNano: nanos(endMs),
    count: String(count),
    sum,
    scale,
    zeroCount: String(zeroCount),
    zeroThreshold,
    positive: sent(positive),
    negative: sent(negative),
    attributes: keyValues({ 'gen_ai.request.model': 'llama-3' }),
  }
  return {
    name,
    exponentialHistogram: { aggregationTemporality: temporality, dataPoints: [point] },
  }
}

/** Counts by bucket, without those that counted nothing: what an offset and a list say besides is no more. */
function canonical({ zeroCount, zeroThreshold, positive, negative, ...rest }: Exponential) {
  const isZeroKept = zeroCount > 0 || zeroThreshold > 0
  return {
    count: rest.count,
    sum: rest.sum,
    scale:
      isZeroKept || filled(positive).length > 0 || filled(negative).length > 0
        ? rest.scale
        : undefined,
    zeroCount,
    zeroThreshold,
    positive: Object.fromEntries(filled(positive)),
    negative: Object.fromEntries(filled(negative)),
  }
}

const filled = ({ offset, counts }: Buckets) =>
  counts.map((count, at) => [offset + at, count] as const).filter(([, count]) => count > 0)

/** What the store holds at one moment, as a histogram again. `valueOf` tells what a series says of it. */
function restored(
  samples: readonly Sample[],
  name: string,
  valueOf = ({ value }: Sample) => value,
) {
  const of = (suffix: string) => samples.filter(({ series }) => series.metric === name + suffix)
  const parts = of('_exponential').map((sample) => {
    const { scale, bucket = '', threshold = '0' } = sample.series.dimensions
    return { scale: Number(scale), bucket, threshold: Number(threshold), value: valueOf(sample) }
  })
  const zero = parts.find((part) => part.bucket === 'zero')
  const side = (pattern: RegExp) =>
    Object.fromEntries(
      parts.flatMap(({ bucket, value }) => {
        const index = pattern.exec(bucket)?.[1]
        return index === undefined || value === 0 ? [] : [[Number(index), value]]
      }),
    )
  return {
    count: of('_count').map(valueOf)[0],
    sum: of('_sum').map(valueOf)[0],
    scale: parts[0]?.scale,
    zeroCount: zero?.value ?? 0,
    zeroThreshold: zero?.threshold ?? 0,
    positive: side(/^(-?\d+)$/),
    negative: side(/^negative:(-?\d+)$/),
  }
}

describe.each([
  ['a canonical name', 'gen_ai.server.request.duration', 'lat.e2e'],
  ['its own name', 'shop.basket', 'shop.basket'],
])('under %s', (_, name, kept) => {
  test('a cumulative one comes back', async () => {
    await fc.assert(
      fc.asyncProperty(exponential, async (histogram) => {
        const otlp = createTestOtlp()
        await otlp.send('metrics', metricsOf({}, metricOf(name, 2, histogram, testNowMs)))
        expect(restored(otlp.samples, kept)).toEqual(canonical(histogram))
      }),
      { numRuns: 60 },
    )
  })

  test('deltas come back as what their totals grew by', async () => {
    await fc.assert(
      fc.asyncProperty(exponential, exponential, async (first, second) => {
        const otlp = createTestOtlp()
        await otlp.send('metrics', metricsOf({}, metricOf(name, 1, first, testNowMs - 1_000)))
        const before = totals(otlp.samples)
        const sentBefore = otlp.samples.length
        expect(restored(newest(otlp.samples), kept)).toEqual(canonical(first))
        await otlp.send('metrics', metricsOf({}, metricOf(name, 1, second, testNowMs)))
        const later = newest(otlp.samples.slice(sentBefore))
        const growth = (sample: Sample) => sample.value - (before.get(keyOf(sample)) ?? 0)
        expect(restored(later, kept, growth)).toEqual(canonical(second))
      }),
      { numRuns: 60 },
    )
  })
})

test('one with more buckets than can be kept is refused whole, and the sender is told', async () => {
  const otlp = createTestOtlp()
  const none = { offset: 0, counts: [] }
  const wide = {
    count: 2_500,
    sum: 1,
    scale: 1,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset: 0, counts: Array.from({ length: 2_500 }, () => 1) },
    negative: none,
  }
  const outcome = await otlp.send('metrics', metricsOf({}, metricOf('a', 2, wide, testNowMs)))
  expect(outcome.rejected).toBe(1)
  expect(outcome.message).toContain('more than 2000 buckets')
  expect(otlp.samples).toEqual([])
})

const keyOf = ({ series }: Sample) =>
  JSON.stringify([series.metric, Object.entries(series.dimensions)])

/** The last sample of each series. */
function newest(samples: readonly Sample[]): Sample[] {
  const inTime = samples.toSorted((a, b) => a.timeMs - b.timeMs)
  return [...new Map(inTime.map((sample) => [keyOf(sample), sample])).values()]
}

function totals(samples: readonly Sample[]): ReadonlyMap<string, number> {
  return new Map(samples.map((sample) => [keyOf(sample), sample.value]))
}
