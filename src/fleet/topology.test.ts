import { expect, test } from 'vitest'
import { fleetSchema } from '../config/fleet-schema.ts'
import { UserError } from '../records/failure.ts'
import { buildFleet, copyById, gpuByNodeIndex, gpuByUuid } from './topology.ts'

const config = fleetSchema.parse({
  nodes: [
    { name: 'gpu-1', instanceType: 'ml.g6.12xlarge', dcgmUrl: 'http://127.0.0.1:9400/metrics' },
    {
      name: 'own',
      accelerators: { model: 'NVIDIA L40S', count: 2, memoryGiB: 48, uuids: ['GPU-a', 'GPU-b'] },
      price: { perHour: '3.5 $/h', source: 'contract', date: '2026-07-01' },
    },
  ],
  components: [
    {
      name: 'gpt-oss-20b',
      copies: [
        { id: 'gpt-0', url: 'http://127.0.0.1:8000/', node: 'gpu-1', gpus: [0, 1] },
        { id: 'gpt-1', url: 'http://127.0.0.1:8001', node: 'own', gpus: [1] },
      ],
      slo: { ttft: '500ms', total: '20s' },
    },
    {
      name: 'qwen',
      model: 'Qwen2.5-7B-Instruct',
      modelVersion: 'v2',
      copies: [
        {
          id: 'qwen-0',
          url: 'http://127.0.0.1:8002',
          node: 'gpu-1',
          gpus: [2],
          metricsUrl: 'http://127.0.0.1:9002/m',
        },
      ],
    },
  ],
})
const fleet = buildFleet(config)

test('GPUs come from catalogue or configuration, in node then index order, with their owners', () => {
  const owned = fleet.gpus.map((gpu) => [gpu.id, gpu.uuid, gpu.owner?.copy ?? null])
  expect(owned).toEqual([
    ['gpu-1/0', '', 'gpt-0'],
    ['gpu-1/1', '', 'gpt-0'],
    ['gpu-1/2', '', 'qwen-0'],
    ['gpu-1/3', '', null],
    ['own/0', 'GPU-a', null],
    ['own/1', 'GPU-b', 'gpt-1'],
  ])
  expect(fleet.gpus[2]?.owner).toEqual({
    component: 'qwen',
    model: 'Qwen2.5-7B-Instruct',
    copy: 'qwen-0',
  })
  expect(fleet.gpus[0]?.memoryBytes).toBe(24 * 2 ** 30)
})

test('prices carry source and date, and configuration overrides the catalogue', () => {
  expect(fleet.nodes[0]?.price.usdPerHour).toBe(5.752)
  expect(fleet.nodes[0]?.price.date).toBe('2026-07-30')
  expect(fleet.nodes[1]?.price).toEqual({
    usdPerHour: 3.5,
    source: 'contract',
    date: '2026-07-01',
  })
})

test('components carry objectives in seconds and copies their metrics URL', () => {
  expect(fleet.components[0]).toMatchObject({ model: 'gpt-oss-20b', ttftSloSeconds: 0.5 })
  expect(fleet.components[0]?.copies.map((copy) => copy.metricsUrl)).toEqual([
    'http://127.0.0.1:8000/metrics',
    'http://127.0.0.1:8001/metrics',
  ])
  expect(fleet.components[1]?.copies[0]?.metricsUrl).toBe('http://127.0.0.1:9002/m')
  expect(fleet.components[0]?.copies[0]?.gpuIds).toEqual(['gpu-1/0', 'gpu-1/1'])
})

test('look-ups find what is there and nothing else', () => {
  expect(gpuByUuid(fleet, 'GPU-b')?.id).toBe('own/1')
  expect(gpuByUuid(fleet, 'GPU-c')).toBeUndefined()
  expect(gpuByUuid(fleet, '')).toBeUndefined()
  // nvidia_gpu_exporter leaves the prefix out; a prefix alone is nobody.
  expect(gpuByUuid(fleet, 'B')?.id).toBe('own/1')
  expect(gpuByUuid(fleet, 'GPU-')).toBeUndefined()
  expect(gpuByNodeIndex(fleet, 'gpu-1', 3)?.id).toBe('gpu-1/3')
  expect(gpuByNodeIndex(fleet, 'gpu-1', 4)).toBeUndefined()
  expect(copyById(fleet, 'qwen-0')?.component).toBe('qwen')
  expect(copyById(fleet, 'none')).toBeUndefined()
})

const build = (node: object) => () => buildFleet(fleetSchema.parse({ nodes: [node] }))

test('a node whose price or accelerators nobody knows is refused, not priced at 0', () => {
  expect(build({ name: 'a', instanceType: 'ml.g6e.16xlarge' })).toThrow(UserError)
  expect(build({ name: 'a', instanceType: 'ml.g6e.16xlarge' })).toThrow(/no price/)
  expect(build({ name: 'a' })).toThrow(/no accelerators/)
})
