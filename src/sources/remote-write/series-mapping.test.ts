import { describe, expect, test } from 'vitest'
import { configSchema } from '../../config/schema.ts'
import { buildFleet } from '../../fleet/topology.ts'
import type { Sample } from '../../records/sample.ts'
import { createSeriesMapping, type SeriesMapping } from './series-mapping.ts'
import { encodeV1, encodeV2, type TestMetadata, type TestSeries } from './test-messages.ts'
import { readWriteRequestV1 } from './write-request-v1.ts'
import { createNumbering } from './numbering.ts'
import { readWriteRequestV2 } from './write-request-v2.ts'

const nowMs = Date.UTC(2026, 0, 1)

const fleet = buildFleet(
  configSchema.parse({
    fleet: {
      nodes: [
        {
          name: 'node-a',
          accelerators: {
            model: 'L4',
            count: 2,
            memoryGiB: 24,
            uuids: ['GPU-0000', 'GPU-1111'],
          },
          price: { perHour: '1 $/h', source: 'a test', date: '2026-01-01' },
          dcgmUrl: 'http://10.0.0.1:9400/metrics',
        },
      ],
      components: [
        {
          name: 'chat',
          model: 'gpt-oss-20b',
          copies: [{ id: 'chat-1', node: 'node-a', gpus: [0], url: 'http://10.0.0.1:8000' }],
        },
      ],
    },
  }).fleet,
)

function newMapping(): SeriesMapping {
  return createSeriesMapping({ project: 'p', fleet, staleAfterMs: 60_000 })
}

function map(
  mapping: SeriesMapping,
  series: readonly TestSeries[],
  metadata: readonly TestMetadata[] = [],
): readonly Sample[] {
  return mapping.map(readWriteRequestV1(encodeV1(series, metadata)), nowMs).samples
}

const at = (value: number | 'stale', timeMs = nowMs) => [[value, timeMs]] as const

const ofChat = { job: 'vllm', instance: '10.0.0.1:8000', model_name: 'openai/gpt-oss-20b' }
const inChat = {
  namespace: '/aws/sagemaker/InferenceComponents/gpt-oss-20b',
  dimensions: { component: 'chat', copy: 'chat-1', node: 'node-a' },
}

const named = (__name__: string, timeMs: number): TestSeries => ({
  labels: { __name__, ...ofChat },
  samples: at(0.5, timeMs),
})

const part = (suffix: string, le?: string): TestSeries => ({
  labels: {
    __name__: `vllm:time_to_first_token_seconds${suffix}`,
    ...ofChat,
    ...(le === undefined ? {} : { le }),
  },
  samples: at(4),
})

const gpuLabels = (UUID: string, more: Readonly<Record<string, string>> = {}) => ({
  __name__: 'DCGM_FI_DEV_GPU_UTIL',
  instance: '10.0.0.1:9400',
  UUID,
  ...more,
})

const place = (uuid: string) =>
  map(newMapping(), [{ labels: gpuLabels(uuid), samples: at(50) }])[0]?.series

describe('a model server', () => {
  test('of the fleet feeds the very series that a scrape of it does', () => {
    const labels = { __name__: 'vllm:kv_cache_usage_perc', ...ofChat, engine: '0' }
    expect(map(newMapping(), [{ labels, samples: at(0.97) }])).toEqual([
      {
        series: {
          project: 'p',
          namespace: inChat.namespace,
          metric: 'kv.usage',
          dimensions: { ...inChat.dimensions, engine: '0' },
          unit: 'ratio',
          kind: 'gauge',
        },
        timeMs: nowMs,
        value: 0.97,
        state: 'present',
      },
    ])
  })

  test('that the fleet does not know belongs to the model that it names', () => {
    const labels = { __name__: 'sglang:num_running_reqs', instance: 'x:1', model_name: 'qwen' }
    expect(map(newMapping(), [{ labels, samples: at(3) }])[0]?.series).toMatchObject({
      namespace: '/aws/sagemaker/InferenceComponents/qwen',
      metric: 'req.running',
      dimensions: { instance: 'x:1' },
    })
  })

  test('names its model once for all its series, in whatever order they come', () => {
    const info = {
      labels: {
        __name__: 'vllm:cache_config_info',
        instance: 'x:1',
        num_gpu_blocks: '1000',
        block_size: '16',
      },
      samples: at(1),
    }
    const running = {
      labels: { __name__: 'vllm:num_requests_running', instance: 'x:1', model_name: 'qwen' },
      samples: at(3),
    }
    const alone = newMapping()
    expect(map(alone, [info])[0]?.series.namespace).toBe('/aws/sagemaker/Endpoints/x:1')
    const [capacity] = map(alone, [info, running])
    expect(capacity).toMatchObject({
      value: 16_000,
      series: {
        namespace: '/aws/sagemaker/InferenceComponents/qwen',
        metric: 'kv.capacity_tokens',
      },
    })
  })

  test('keeps apart what a scrape adds up, so that the parts add up for whoever reads them', () => {
    const requests = (handler: string, status: string, value: number): TestSeries => ({
      labels: { __name__: 'http_requests_total', ...ofChat, handler, status },
      samples: at(value),
    })
    const mapping = newMapping()
    map(mapping, [{ labels: { __name__: 'vllm:num_requests_running', ...ofChat }, samples: at(0) }])
    const samples = map(mapping, [
      requests('/v1/chat/completions', '2xx', 10),
      requests('/v1/chat/completions', '5xx', 2),
      requests('/v1/completions', '2xx', 5),
      requests('/health', '2xx', 99),
    ])
    const sumOf = (metric: string) =>
      samples
        .filter(({ series }) => series.metric === metric && series.namespace === inChat.namespace)
        .reduce((sum, { value }) => sum + value, 0)
    expect([sumOf('req.arrived'), sumOf('req.errors')]).toEqual([17, 2])
    expect(new Set(samples.map(({ series }) => JSON.stringify(series))).size).toBe(samples.length)
    expect(samples.find(({ value }) => value === 99)?.series.metric).toBe('http_requests_total')
  })

  test('a name that other programs have too means nothing until the target is known', () => {
    const labels = {
      __name__: 'http_requests_total',
      job: 'shop',
      handler: '/v1/orders',
      status: '2xx',
    }
    expect(map(newMapping(), [{ labels, samples: at(1) }])[0]?.series).toMatchObject({
      namespace: '/prometheus/shop',
      metric: 'http_requests_total',
      dimensions: { job: 'shop', handler: '/v1/orders', status: '2xx' },
      kind: 'counter',
    })
  })

  test('that exports a metric under its old and its new name gives it once', () => {
    const mapping = newMapping()
    const [old, current] = ['vllm:gpu_cache_usage_perc', 'vllm:kv_cache_usage_perc']
    expect(map(mapping, [named(old, nowMs)])).toHaveLength(1)
    expect(map(mapping, [named(current, nowMs + 1), named(old, nowMs + 1)])).toHaveLength(1)
    // Rolled back to the old version: its name counts again once the new one is silent.
    expect(map(mapping, [named(old, nowMs + 30_000)])).toHaveLength(0)
    expect(map(mapping, [named(old, nowMs + 70_000)])).toHaveLength(1)
  })

  test('buckets, sums and counts are counters of the histogram', () => {
    const samples = map(newMapping(), [part('_bucket', '1.0'), part('_sum'), part('_count')])
    expect(
      samples.map(({ series }) => [series.metric, series.dimensions['le'], series.unit]),
    ).toEqual([
      ['lat.ttft_bucket', '1', '1'],
      ['lat.ttft_sum', undefined, 's'],
      ['lat.ttft_count', undefined, '1'],
    ])
  })
})

describe('a GPU exporter', () => {
  test('a GPU belongs to the model that reserves it, in canonical units', () => {
    const [sample] = map(newMapping(), [{ labels: gpuLabels('GPU-0000'), samples: at(50) }])
    expect(sample).toMatchObject({
      value: 0.5,
      series: {
        ...inChat,
        dimensions: { ...inChat.dimensions, gpu: 'node-a/0' },
        metric: 'gpu.duty',
      },
    })
  })

  test('one that nobody reserves, or that nobody knows, belongs to its server', () => {
    expect(place('GPU-1111')).toMatchObject({
      namespace: '/aws/sagemaker/Endpoints/node-a',
      dimensions: { gpu: 'node-a/1' },
    })
    expect(place('GPU-ffff')).toMatchObject({
      namespace: '/aws/sagemaker/Endpoints/node-a',
      dimensions: { gpu: 'GPU-ffff' },
    })
  })

  test('a GPU that is shared by pods is exported for each and counted once', () => {
    const shared = (pod: string, timeMs: number): TestSeries => ({
      labels: gpuLabels('GPU-0000', { pod }),
      samples: at(50, timeMs),
    })
    const mapping = newMapping()
    expect(map(mapping, [shared('a', nowMs), shared('b', nowMs)])).toHaveLength(1)
    // The pod that held it is gone: the series goes on under another name.
    const end = { labels: gpuLabels('GPU-0000', { pod: 'a' }), samples: at('stale', nowMs + 1) }
    expect(map(mapping, [end, shared('b', nowMs + 1)]).map(({ state }) => state)).toEqual([
      'stale',
      'present',
    ])
  })

  test('a blank is a sentinel, never a temperature', () => {
    const labels = { ...gpuLabels('GPU-0000'), __name__: 'DCGM_FI_DEV_MEMORY_TEMP' }
    const [sample] = map(newMapping(), [{ labels, samples: at(2 ** 63) }])
    expect(sample).toMatchObject({ state: 'sentinel', value: NaN })
  })
})

describe('any other metric', () => {
  test('keeps its name, its labels and what its exporter says of it', () => {
    const labels = { __name__: 'process_resident_memory', job: 'shop', instance: 'y:9' }
    const metadata = [{ type: 2, family: 'process_resident_memory', unit: 'bytes' }]
    expect(map(newMapping(), [{ labels, samples: at(7) }], metadata)[0]?.series).toEqual({
      project: 'p',
      namespace: '/prometheus/shop',
      metric: 'process_resident_memory',
      dimensions: { job: 'shop', instance: 'y:9' },
      unit: 'bytes',
      kind: 'gauge',
    })
    const typed = encodeV2([{ labels: { ...labels, __name__: 'n' }, samples: at(7), type: 1 }])
    const { samples } = newMapping().map(readWriteRequestV2(typed, createNumbering()), nowMs)
    expect(samples[0]?.series.kind).toBe('counter')
  })

  test('the end of a series is stale; a number that is none is a sentinel', () => {
    const labels = { __name__: 'x', job: 'shop' }
    const states = map(newMapping(), [
      {
        labels,
        samples: [
          ['stale', nowMs],
          [NaN, nowMs + 1],
          [Infinity, nowMs + 2],
          [1, nowMs + 3],
        ],
      },
    ]).map(({ state }) => state)
    expect(states).toEqual(['stale', 'sentinel', 'sentinel', 'present'])
  })
})

test('what cannot be kept is counted with its reason; the rest is kept', () => {
  const good = { labels: { __name__: 'x' }, samples: at(1) }
  const mapWith = (series: TestSeries) =>
    newMapping().map(readWriteRequestV1(encodeV1([good, series])), nowMs)
  expect(mapWith({ labels: { job: 'a' }, samples: at(1) })).toMatchObject({
    written: 1,
    refused: 1,
    reason: expect.stringContaining('has no name'),
  })
  expect(mapWith({ labels: { __name__: 'x' }, samples: at(1, 1_767_225_600) })).toMatchObject({
    written: 1,
    refused: 1,
    reason: expect.stringContaining('a timestamp is 1767225600'),
  })
  expect(
    mapWith({ labels: { __name__: 'x', y: 'z'.repeat(9_000) }, samples: at(1) }),
  ).toMatchObject({
    refused: 1,
    reason: expect.stringContaining('more than 8192 bytes'),
  })
})

test('the same labels are the same object from request to request: ids of series are not computed anew', () => {
  const mapping = newMapping()
  const one = { labels: { __name__: 'x', job: 'a' }, samples: at(1) }
  expect(map(mapping, [one])[0]?.series).toBe(map(mapping, [one])[0]?.series)
})
