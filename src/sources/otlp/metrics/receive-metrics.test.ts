import { describe, expect, test } from 'vitest'
import {
  createTestOtlp,
  keyValues,
  metricsOf,
  nanos,
  testNowMs,
  type Plain,
} from '../test-receiver.ts'

const times = { startTimeUnixNano: nanos(testNowMs - 60_000), timeUnixNano: nanos(testNowMs) }
const service = { 'service.name': 'shop', 'service.instance.id': 'i-1' }

const point = (value: number, attributes: Readonly<Record<string, Plain>> = {}) => ({
  ...times,
  asDouble: value,
  attributes: keyValues(attributes),
})

async function samplesOf(resource: Readonly<Record<string, Plain>>, ...metrics: object[]) {
  const otlp = createTestOtlp()
  const outcome = await otlp.send('metrics', metricsOf(resource, ...metrics))
  const samples = otlp.samples.map(({ series, value, state }) => ({
    name: series.metric,
    space: series.namespace,
    dimensions: series.dimensions,
    value,
    state,
  }))
  return { outcome, samples }
}

describe('whose they are', () => {
  test('a copy is known by its instance id', async () => {
    const { samples } = await samplesOf(
      { 'service.instance.id': 'llama-1' },
      { name: 'vllm:num_requests_running', gauge: { dataPoints: [point(3, { engine: '0' })] } },
    )
    expect(samples).toEqual([
      {
        name: 'req.running',
        space: '/aws/sagemaker/InferenceComponents/llama-3',
        dimensions: { component: 'llama', copy: 'llama-1', node: 'n1', engine: '0' },
        value: 3,
        state: 'present',
      },
    ])
  })

  test('a GPU belongs to its owner, or to its server', async () => {
    const { samples } = await samplesOf(
      { ...service, 'host.name': 'n1' },
      {
        name: 'hw.gpu.utilization',
        gauge: {
          dataPoints: [
            point(0.7, { 'hw.id': 'GPU-aa', 'hw.gpu.task': 'general' }),
            point(0.1, { 'hw.id': 'GPU-aa', 'hw.gpu.task': 'decoder' }),
            point(0.2, { 'hw.id': '1' }),
          ],
        },
      },
    )
    expect(samples).toMatchObject([
      {
        name: 'gpu.duty',
        space: '/aws/sagemaker/InferenceComponents/llama-3',
        dimensions: { gpu: 'n1/0' },
        value: 0.7,
      },
      { name: 'gpu.duty', space: '/aws/sagemaker/Endpoints/n1', dimensions: { gpu: 'n1/1' } },
      { name: 'hw.gpu.utilization', value: 0.1 },
    ])
  })

  test('a model that the fleet does not have has its namespace too', async () => {
    const { samples } = await samplesOf(service, {
      name: 'gen_ai.client.token.usage',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...times,
            count: '2',
            sum: 30,
            bucketCounts: ['1', '1'],
            explicitBounds: [16],
            attributes: keyValues({
              'gen_ai.request.model': 'gpt',
              'gen_ai.token.type': 'input',
              'gen_ai.operation.name': 'chat',
            }),
          },
        ],
      },
    })
    const dimensions = {
      service: 'shop',
      instance: 'i-1',
      operation: 'chat',
      side: 'client',
      quality: 'approximate',
    }
    const space = '/aws/sagemaker/InferenceComponents/gpt'
    const state = 'present'
    expect(samples).toEqual([
      { name: 'shape.input_len_sum', space, dimensions, value: 30, state },
      { name: 'shape.input_len_count', space, dimensions, value: 2, state },
      { name: 'tok.prompt', space, dimensions, value: 30, state },
    ])
  })
})

test('attributes that are no dimensions are summed up', async () => {
  const { samples } = await samplesOf(service, {
    name: 'gen_ai.client.inference.usage.input_tokens',
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [
        point(5, { 'gen_ai.request.model': 'gpt', 'server.address': 'a' }),
        point(6, { 'gen_ai.request.model': 'gpt', 'server.address': 'b' }),
      ],
    },
  })
  expect(samples.map(({ name, value }) => [name, value])).toEqual([['tok.prompt', 11]])
})

test('an exponential histogram under a canonical name', async () => {
  const { samples } = await samplesOf(service, {
    name: 'gen_ai.server.request.duration',
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          ...times,
          count: '9',
          sum: 20.5,
          scale: 3,
          zeroCount: '2',
          positive: { offset: -2, bucketCounts: ['4', '0', '3'] },
          attributes: keyValues({ 'gen_ai.request.model': 'llama-3' }),
        },
      ],
    },
  })
  expect(samples.map(({ name, value, dimensions }) => [name, dimensions['bucket'], value])).toEqual(
    [
      ['lat.e2e_sum', undefined, 20.5],
      ['lat.e2e_count', undefined, 9],
      ['lat.e2e_exponential', 'zero', 2],
      ['lat.e2e_exponential', '-2', 4],
      ['lat.e2e_exponential', '0', 3],
    ],
  )
})

test('no value is not zero', async () => {
  const { samples } = await samplesOf(
    service,
    { name: 'a', gauge: { dataPoints: [{ ...point(0), flags: 1 }] } },
    { name: 'b', gauge: { dataPoints: [{ ...times }] } },
  )
  expect(samples).toMatchObject([
    { value: NaN, state: 'sentinel' },
    { value: NaN, state: 'sentinel' },
  ])
})

test('points without a time or a name are rejected, the others kept', async () => {
  const { outcome, samples } = await samplesOf(
    service,
    { name: 'a', gauge: { dataPoints: [point(1), { asDouble: 2 }] } },
    { name: '', gauge: { dataPoints: [point(1)] } },
  )
  expect(outcome.rejected).toBe(2)
  expect(samples).toHaveLength(1)
})
