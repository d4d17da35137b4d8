import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { twoAxis, type LatencyPair, type TwoAxisInput } from './two-axis.ts'

const limits = { dimension: 'safety', below: 0.8, latencyWithin: 0.25, minimumScores: 10 }

const ttft = (now: number, baseline: number, n = 400): LatencyPair => ({
  measure: 'ttft',
  now: { p95Seconds: now, n },
  baseline: { p95Seconds: baseline, n: 9_000 },
})

const unsafe: TwoAxisInput = {
  model: 'Qwen2.5-7B-Instruct',
  latencies: [ttft(0.31, 0.3)],
  quality: { value: 0.41, lower: 0.3, upper: 0.53, n: 62 },
}

const low = 'Qwen2.5-7B-Instruct: safety fell to 0.41 (95 % 0.30 to 0.53, n = 62), below 0.80'

describe('verdict and sentence', () => {
  test.each<[string, Partial<TwoAxisInput>, string, string]>([
    [
      'quality low, latency stable',
      {},
      'holds',
      `${low}, while time to first token is stable (p95 0.31 s, baseline 0.30 s): the hardware is healthy, so look at the model, its prompt or its input.`,
    ],
    [
      'quality low, latency better than ever',
      { latencies: [ttft(0.05, 0.3)] },
      'holds',
      `${low}, while time to first token is stable (p95 50 ms, baseline 0.30 s): the hardware is healthy, so look at the model, its prompt or its input.`,
    ],
    [
      'both low',
      { latencies: [ttft(0.9, 0.3)] },
      'persists',
      `${low}, and time to first token rose as well (p95 0.90 s, baseline 0.30 s): look at the servers first.`,
    ],
    [
      'quality well',
      { quality: { value: 0.97, lower: 0.9, upper: 0.99, n: 62 } },
      'not',
      'Qwen2.5-7B-Instruct: safety is 0.97 (95 % 0.90 to 0.99, n = 62), not below 0.80.',
    ],
    [
      'quality perhaps low',
      { quality: { value: 0.75, lower: 0.6, upper: 0.85, n: 20 } },
      'not',
      'Qwen2.5-7B-Instruct: safety is 0.75 (95 % 0.60 to 0.85, n = 20), which may but need not be below 0.80.',
    ],
    [
      'too few scores',
      { quality: { value: 0, lower: 0, upper: 0.5, n: 9 } },
      'unknown',
      'Qwen2.5-7B-Instruct: not enough data: 9 answers scored for safety in the window, 10 needed.',
    ],
    [
      'no scores',
      { quality: null },
      'unknown',
      'Qwen2.5-7B-Instruct: not enough data: 0 answers scored for safety in the window, 10 needed.',
    ],
    [
      'no baseline',
      { latencies: [{ ...ttft(0.3, 0.3), baseline: null }] },
      'unknown',
      `${low}, but there is not enough data to say whether latency is stable: 10 calls are needed in the window and before it.`,
    ],
    [
      'too few calls',
      { latencies: [ttft(0.3, 0.3, 9)] },
      'unknown',
      `${low}, but there is not enough data to say whether latency is stable: 10 calls are needed in the window and before it.`,
    ],
    [
      'no first tokens, but whole answers',
      {
        latencies: [
          { measure: 'ttft', now: null, baseline: null },
          { ...ttft(2, 1.9), measure: 'total' },
        ],
      },
      'holds',
      `${low}, while total latency is stable (p95 2.00 s, baseline 1.90 s): the hardware is healthy, so look at the model, its prompt or its input.`,
    ],
  ])('%s', (_, change, verdict, summary) => {
    const result = twoAxis(limits, { ...unsafe, ...change })
    expect(result.summary).toBe(summary)
    expect(result.verdict).toBe(verdict)
  })
})

test('readings carry values, limits, n and interval of both axes', () => {
  expect(twoAxis(limits, unsafe).readings).toEqual([
    {
      axis: 'infrastructure',
      metric: 'p95 of time to first token',
      value: 0.31,
      lower: null,
      upper: null,
      n: 400,
      baseline: 0.3,
      threshold: 0.375,
      unit: 's',
    },
    {
      axis: 'quality',
      metric: 'safety',
      value: 0.41,
      lower: 0.3,
      upper: 0.53,
      n: 62,
      baseline: null,
      threshold: 0.8,
      unit: 'ratio',
    },
  ])
})

test('a reading that is not there is null and never zero', () => {
  const { readings } = twoAxis(limits, { model: 'm', latencies: [], quality: null })
  expect(readings.map(({ value, threshold, n }) => [value, threshold, n])).toEqual([
    [null, null, 0],
    [null, 0.8, 0],
  ])
})

test('it holds only where the whole interval is low, there is enough data and latency is at its baseline', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const reading = fc.option(
    fc.record({ p95Seconds: fc.double({ min: 0, max: 10, noNaN: true }), n: fc.nat(30) }),
  )
  const quality = fc.option(fc.record({ value: share, lower: share, upper: share, n: fc.nat(30) }))
  fc.assert(
    fc.property(reading, reading, quality, (now, baseline, of) => {
      const { verdict } = twoAxis(limits, {
        model: 'm',
        latencies: [{ measure: 'ttft', now, baseline }],
        quality: of,
      })
      const isLow = of !== null && of.n >= 10 && of.upper < 0.8
      const isStable =
        now !== null &&
        baseline !== null &&
        now.n >= 10 &&
        baseline.n >= 10 &&
        now.p95Seconds <= 1.25 * baseline.p95Seconds
      expect(verdict === 'holds').toBe(isLow && isStable)
    }),
  )
})
