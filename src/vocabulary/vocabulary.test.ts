import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { detectSystem, sourceSystems } from './aliases/registry.ts'
import { counterIncrease, counterRate } from './counter.ts'
import { canonicalMetric, canonicalMetrics } from './metrics.ts'
import { faultOrigin } from './xid.ts'

describe('catalogue', () => {
  test('each canonical metric has one entry', () => {
    const names = canonicalMetrics.map((metric) => metric.name)
    expect(names).toEqual([...new Set(names)])
  })

  test.each(sourceSystems.map((system) => [system.name, system] as const))(
    '%s speaks of canonical metrics only',
    (_, system) => {
      const unknown = [...system.aliases, ...system.derivations]
        .map((entry) => entry.metric)
        .filter((metric) => canonicalMetric(metric) === undefined)
      expect(unknown).toEqual([])
    },
  )

  test.each(sourceSystems.map((system) => [system.name, system] as const))(
    '%s: its metrics describe what its targets are',
    (_, system) => {
      const scopes = system.aliases.map((alias) => canonicalMetric(alias.metric)?.scope)
      expect([...new Set(scopes)]).toEqual([system.target === 'copy' ? 'copy' : 'gpu'])
    },
  )
})

test.each([
  [['vllm:num_requests_running', 'python_info'], 'copy', 'vllm'],
  [['sglang:num_running_reqs'], 'copy', 'sglang'],
  [['tgi_queue_size', 'tgi_request_count'], 'copy', 'tgi'],
  [['llamacpp:requests_processing'], 'copy', 'llama.cpp'],
  [['trtllm_request_success_total'], 'copy', 'tensorrt-llm'],
  [['nv_inference_count', 'nv_gpu_utilization'], 'copy', 'triton'],
  [['nv_inference_count', 'nv_gpu_utilization'], 'node', 'triton-gpu'],
  [['nvidia_smi_temperature_gpu'], 'node', 'nvidia-gpu-exporter'],
  [['gpu_gfx_activity'], 'node', 'amd-gpu'],
  [['amd_gpu_gfx_activity'], 'node', 'amd-gpu'],
  [['GPU_GFX_ACTIVITY'], 'node', 'amd-gpu'],
  [['gpu_memory_total'], 'node', 'dcgm'],
  [['python_info'], 'copy', 'vllm'],
  [[], 'node', 'dcgm'],
] as const)('%j of a %s is %s', (names, target, system) => {
  expect(detectSystem(names, target).name).toBe(system)
})

test.each([
  [79, 'hardware'],
  [31, 'application'],
  [1, 'unknown'],
] as const)('XID %d comes from %s', (xid, origin) => {
  expect(faultOrigin(xid)).toBe(origin)
})

const points = (...values: number[]) =>
  values.map((value, index) => ({ timeMs: index * 1_000, value }))

describe('counters', () => {
  test.each<[number[], number | null]>([
    [[], null],
    [[5], null],
    [[5, 5], 0],
    [[5, 9, 10], 5],
    [[5, 9, 2, 3], 7],
    [[5, 0, 0], 0],
  ])('%j grew by %j', (values, expected) => {
    expect(counterIncrease(points(...values))).toBe(expected)
  })

  test('rate is per second and needs two instants', () => {
    expect(counterRate(points(0, 10, 20))).toBe(10)
    expect(
      counterRate([
        { timeMs: 0, value: 1 },
        { timeMs: 0, value: 2 },
      ]),
    ).toBeNull()
  })

  test('growth is never negative, and what is cut in two adds up', () => {
    const values = fc.array(fc.nat(1_000), { minLength: 2, maxLength: 20 })
    fc.assert(
      fc.property(values, fc.nat(18), (counts, cut) => {
        const all = points(...counts)
        const middle = 1 + (cut % (counts.length - 1))
        const left = counterIncrease(all.slice(0, middle + 1)) ?? 0
        const right = counterIncrease(all.slice(middle)) ?? 0
        expect(counterIncrease(all)).toBeGreaterThanOrEqual(0)
        expect(left + right).toBe(counterIncrease(all))
      }),
    )
  })
})
