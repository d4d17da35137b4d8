// The fast path beside the whole one: the same requests must become the same rows.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { configSchema } from '../../config/schema.ts'
import { buildFleet } from '../../fleet/topology.ts'
import type { SampleColumns, SampleRows } from '../../records/sample-rows.ts'
import { readingStates, type Series } from '../../records/sample.ts'
import { KnownSeries } from './known-series.ts'
import { createSeriesMapping } from './series-mapping.ts'
import { encodeV1, type TestSeries } from './test-messages.ts'
import { readWriteRequestV1 } from './write-request-v1.ts'

const nowMs = Date.UTC(2026, 0, 1)
const staleAfterMs = 60_000
const fleet = buildFleet(configSchema.parse({}).fleet)

interface Row {
  readonly series: Series
  readonly timeMs: number
  readonly value: number
  readonly state: string
}

/** A log that numbers the series that it was given samples of. */
function createRows() {
  const numbers = new Map<string, number>()
  const series: Series[] = []
  const rows: SampleRows = {
    halvesOf: (one) => {
      const low = numbers.get(JSON.stringify(one))
      return low === undefined ? null : { low, high: -low }
    },
    accept: () => Promise.resolve(),
  }
  return {
    rows,
    write(samples: readonly Row[]) {
      for (const { series: one } of samples) {
        const key = JSON.stringify(one)
        if (!numbers.has(key)) numbers.set(key, series.push(one) - 1)
      }
    },
    read: ({ length, low, high, timesMs, values, states }: SampleColumns): Row[] =>
      Array.from({ length }, (_, row) => {
        const one = series[low[row] ?? -1]
        if (one === undefined || high[row] !== -(low[row] ?? 0)) throw new Error('unknown series')
        return {
          series: one,
          timeMs: timesMs[row] ?? 0,
          value: values[row] ?? 0,
          state: readingStates[states[row] ?? -1] ?? '',
        }
      }),
  }
}

function createDoor() {
  const mapping = createSeriesMapping({ project: 'p', fleet, staleAfterMs })
  const log = createRows()
  const known = new KnownSeries(mapping, log.rows, staleAfterMs)
  return {
    known,
    /** As the receiver does it; `isFast` = no object was made. */
    write(bytes: Buffer): { readonly rows: readonly Row[]; readonly isFast: boolean } {
      const fast = known.map(bytes, nowMs)
      if (fast !== null) return { rows: log.read(fast.columns), isFast: true }
      const request = readWriteRequestV1(bytes)
      const { samples } = mapping.map(request, nowMs)
      log.write(samples)
      known.learn(request)
      return { rows: samples, isFast: false }
    },
  }
}

const engine = { job: 'vllm', instance: 'x:1', model_name: 'qwen' }
const gpu = { instance: 'n:9400', UUID: 'GPU-1', gpu: '0', Hostname: 'n' }

const labelSets: readonly Readonly<Record<string, string>>[] = [
  { __name__: 'up', job: 'a' },
  { __name__: 'up', job: 'b' },
  { __name__: 'vllm:num_requests_running', ...engine },
  { __name__: 'vllm:num_requests_running', job: 'vllm', instance: 'y:1' },
  // One reading under its old and its new name, and one of a metric that two names may give.
  { __name__: 'vllm:gpu_cache_usage_perc', ...engine },
  { __name__: 'vllm:kv_cache_usage_perc', ...engine },
  { __name__: 'vllm:prefix_cache_queries_total', ...engine },
  { __name__: 'vllm:prompt_tokens_by_source_total', ...engine, source: 'local_cache_hit' },
  { __name__: 'vllm:time_to_first_token_seconds_bucket', ...engine, le: '1.0' },
  { __name__: 'vllm:time_to_first_token_seconds_sum', ...engine },
  { __name__: 'vllm:cache_config_info', instance: 'y:1', num_gpu_blocks: '9', block_size: '16' },
  { __name__: 'http_requests_total', ...engine, handler: '/v1/completions', status: '5xx' },
  // A GPU that two pods share, with a value that means none.
  { __name__: 'DCGM_FI_DEV_GPU_UTIL', ...gpu, pod: 'a' },
  { __name__: 'DCGM_FI_DEV_GPU_UTIL', ...gpu, pod: 'b' },
  { __name__: 'DCGM_FI_DEV_MEMORY_TEMP', ...gpu },
]

const sample = fc.tuple(
  fc.oneof(
    { weight: 20, arbitrary: fc.double({ noNaN: true }) },
    fc.constantFrom(0, NaN, Infinity, 2 ** 63, 2 ** 63 - 2_048, 'stale' as const),
  ),
  fc.oneof(
    { weight: 60, arbitrary: fc.integer({ min: 0, max: 200_000 }).map((ms) => nowMs - ms) },
    fc.constantFrom(0, -1, 1_767_225_600, nowMs + 90_000_000),
  ),
)

const series: fc.Arbitrary<TestSeries> = fc.record({
  labels: fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...labelSets) },
    fc.constant({ job: 'nameless' }),
  ),
  samples: fc.array(sample, { maxLength: 3 }),
})

const requests = fc.array(fc.array(series, { maxLength: 4 }), { minLength: 10, maxLength: 40 })

const named = (__name__: string, timeMs: number) =>
  encodeV1([{ labels: { __name__, ...engine }, samples: [[0.5, timeMs]] }])

describe('the fast path', () => {
  test('gives what the whole reader gives, whatever comes in whatever order', () => {
    let fast = 0
    fc.assert(
      fc.property(requests, (several) => {
        const door = createDoor()
        const whole = createSeriesMapping({ project: 'p', fleet, staleAfterMs })
        for (const request of several) {
          const bytes = encodeV1(request)
          const { rows, isFast } = door.write(bytes)
          fast += isFast && rows.length > 0 ? 1 : 0
          expect(rows).toEqual(whole.map(readWriteRequestV1(bytes), nowMs).samples)
        }
      }),
      { numRuns: 300 },
    )
    expect(fast).toBeGreaterThan(1_000)
  })

  test('takes over once all series of a request were written, and gives way to a new one', () => {
    const door = createDoor()
    const write = (...sets: readonly number[]) =>
      door.write(
        encodeV1(sets.map((set) => ({ labels: labelSets[set] ?? {}, samples: [[1, nowMs]] }))),
      ).isFast
    expect([write(0, 1), write(0, 1), write(1, 0), write(0, 1, 2), write(2, 0)]).toEqual([
      false,
      true,
      true,
      false,
      true,
    ])
  })

  test('leaves metadata, histograms and exemplars to the whole reader', () => {
    const door = createDoor()
    const one = { labels: labelSets[0] ?? {}, samples: [[1, nowMs] as const] }
    door.write(encodeV1([one]))
    expect(door.write(encodeV1([one])).isFast).toBe(true)
    expect(door.known.map(encodeV1([{ ...one, histograms: 1 }]), nowMs)).toBeNull()
    expect(door.known.map(encodeV1([{ ...one, exemplars: 1 }]), nowMs)).toBeNull()
    const metadata = [{ type: 1, family: 'up', unit: '' }]
    expect(door.known.map(encodeV1([one], metadata), nowMs)).toBeNull()
  })

  test('an owner that only the fast path hears of keeps its place', () => {
    const door = createDoor()
    const current = 'vllm:kv_cache_usage_perc'
    for (const later of [0, 30_000, 60_000]) {
      expect(door.write(named(current, nowMs - 100_000 + later)).rows).toHaveLength(1)
    }
    expect(door.write(named('vllm:gpu_cache_usage_perc', nowMs - 20_000)).rows).toHaveLength(0)
  })

  test('any bytes are taken as the whole reader takes them, or left to it', () => {
    const door = createDoor()
    const plain = encodeV1(
      labelSets.slice(0, 4).map((labels) => ({ labels, samples: [[1, nowMs]] })),
    )
    door.write(plain)
    const whole = createSeriesMapping({ project: 'p', fleet, staleAfterMs })
    whole.map(readWriteRequestV1(plain), nowMs)
    const change = fc.tuple(fc.nat(plain.length - 1), fc.nat(255), fc.nat(plain.length))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 2 }), (changes) => {
        const bytes = Buffer.from(plain)
        for (const [at, byte] of changes) bytes[at] = byte
        const cut = bytes.subarray(0, changes[0]?.[2] ?? bytes.length)
        const fast = door.known.map(cut, nowMs)
        if (fast === null) return
        const { samples, written } = whole.map(readWriteRequestV1(cut), nowMs)
        expect([fast.columns.length, fast.written]).toEqual([samples.length, written])
        expect([...fast.columns.values.subarray(0, samples.length)]).toEqual(
          samples.map(({ value }) => value),
        )
      }),
      { numRuns: 2_000 },
    )
  })
})
