import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dcgm } from '../../vocabulary/aliases/dcgm.ts'
import { llamaCpp } from '../../vocabulary/aliases/llama-cpp.ts'
import { sglang } from '../../vocabulary/aliases/sglang.ts'
import { vllm } from '../../vocabulary/aliases/vllm.ts'
import { parseExposition } from './exposition.ts'
import type { Reading } from './reading.ts'
import { readingsOf } from './readings.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

const from = (text: string, system = vllm) => readingsOf(parseExposition(text), system)

/** `metric{dimensions} value`, as a short way to say what was read. */
const lines = (readings: readonly Reading[]) =>
  readings.map(({ metric, dimensions, value, state }) => {
    const pairs = Object.entries(dimensions).map(([name, text]) => `${name}=${text}`)
    return `${metric}{${pairs.join(',')}} ${state === 'present' ? value : state}`
  })

const gpu = (metric: string) =>
  from(fixture('dcgm.prom'), dcgm).find((reading) => reading.metric === metric)

const total = (page: string) => lines(from(page, dcgm)).filter((line) => /total/.test(line))

describe('vLLM', () => {
  test('a genuine page', () => {
    expect(lines(from(fixture('vllm.prom')))).toEqual([
      'req.running{engine=0} 37',
      'req.waiting{engine=0} 12',
      'req.waiting_by_reason{engine=0,reason=capacity} 9',
      'req.waiting_by_reason{engine=0,reason=deferred} 3',
      'req.finished{engine=0,reason=stop} 8121',
      'req.finished{engine=0,reason=length} 131',
      'req.finished{engine=0,reason=abort} 0',
      'req.preempted{engine=0} 31',
      'lat.ttft_sum{engine=0} 11.873',
      'lat.ttft_count{engine=0} 140',
      'lat.ttft_bucket{engine=0,le=0.1} 97',
      'lat.ttft_bucket{engine=0,le=0.25} 138',
      'lat.ttft_bucket{engine=0,le=2560} 140',
      'lat.ttft_bucket{engine=0,le=+Inf} 140',
      'kv.usage{engine=0} 0.9731',
      'kv.capacity_tokens{engine=0,quality=derived} 440160',
    ])
  })

  test.each([
    ['vllm:gpu_cache_usage_perc{engine="0"} 0.4', 'kv.usage{engine=0} 0.4'],
    ['vllm:time_per_output_token_seconds_sum{engine="0"} 4', 'lat.itl_sum{engine=0} 4'],
    [
      'vllm:gpu_prefix_cache_hits_total{engine="0"} 4',
      'cache.hit_tokens{engine=0,quality=approximate} 4',
    ],
  ])('an older version: %s', (line, expected) => {
    expect(lines(from(line))).toEqual([expected])
  })

  test('old and new name side by side are one series with the value of the new one', () => {
    const both =
      'vllm:gpu_cache_usage_perc{engine="0"} 0.4\nvllm:kv_cache_usage_perc{engine="0"} 0.5'
    const reversed = both.split('\n').toReversed().join('\n')
    expect(lines(from(both))).toEqual(['kv.usage{engine=0} 0.5'])
    expect(lines(from(reversed))).toEqual(['kv.usage{engine=0} 0.5'])
  })

  test('buckets of an old and a new histogram are never mixed', () => {
    const page = [
      'vllm:time_per_output_token_seconds_bucket{le="0.01"} 1',
      'vllm:time_per_output_token_seconds_bucket{le="+Inf"} 2',
      'vllm:inter_token_latency_seconds_bucket{le="0.05"} 3',
      'vllm:inter_token_latency_seconds_bucket{le="+Inf"} 4',
    ].join('\n')
    expect(lines(from(page))).toEqual(['lat.itl_bucket{le=0.05} 3', 'lat.itl_bucket{le=+Inf} 4'])
  })

  test('calls that are not inference do not count, status classes become errors', () => {
    const page = [
      'http_requests_total{handler="/metrics",method="GET",status="2xx"} 900',
      'http_requests_total{handler="/v1/chat/completions",method="POST",status="2xx"} 50',
      'http_requests_total{handler="/v1/completions",method="POST",status="2xx"} 5',
      'http_requests_total{handler="/v1/chat/completions",method="POST",status="4xx"} 3',
      'http_requests_total{handler="/v1/chat/completions",method="POST",status="5xx"} 2',
    ].join('\n')
    expect(lines(from(page))).toEqual([
      'req.arrived{} 60',
      'req.errors{class=4xx} 3',
      'req.errors{class=5xx} 2',
    ])
  })

  test('cache hits come from the sources of the tokens where these are exported', () => {
    const page = [
      'vllm:prompt_tokens_by_source_total{engine="0",source="local_compute"} 60',
      'vllm:prompt_tokens_by_source_total{engine="0",source="local_cache_hit"} 30',
      'vllm:prompt_tokens_by_source_total{engine="0",source="external_kv_transfer"} 10',
      'vllm:prefix_cache_hits_total{engine="0"} 1200',
      'vllm:prefix_cache_queries_total{engine="0"} 3000',
    ].join('\n')
    const read = lines(from(page)).filter((line) => line.startsWith('cache.'))
    expect(read).toEqual(['cache.hit_tokens{engine=0} 40', 'cache.query_tokens{engine=0} 100'])
  })

  test('buckets are bounded and the last one stays', () => {
    const buckets = Array.from({ length: 500 }, (_, bound) => `le="${bound}.0"`)
    const page = [...buckets, 'le="+Inf"']
      .map((le) => `vllm:time_to_first_token_seconds_bucket{engine="0",${le}} 1`)
      .join('\n')
    const read = from(page)
    expect(read).toHaveLength(65)
    expect(read.at(-1)?.dimensions['le']).toBe('+Inf')
  })

  test('labels outside of the vocabulary make no series', () => {
    const page = 'vllm:num_requests_running{engine="0",model_name="a",request_id="17"} 1'
    expect(lines(from(page))).toEqual(['req.running{engine=0} 1'])
  })
})

describe('DCGM', () => {
  test('a genuine page', () => {
    expect(lines(from(fixture('dcgm.prom'), dcgm))).toEqual([
      'gpu.duty{} 1',
      'gpu.duty{mig=1,mig_profile=3g.40gb,quality=approximate} 0.431002',
      'gpu.engine_active{mig=1,mig_profile=3g.40gb} 0.431002',
      'gpu.dram_active{} 0.712345',
      'gpu.energy{} 9071345.123',
      'gpu.mem_temperature{} sentinel',
      'gpu.fault{} 79',
      'gpu.throttle_events{reason=hw_thermal} 7',
    ])
  })

  test('GPU, server and kind of a reading', () => {
    expect(gpu('gpu.dram_active')?.gpu).toEqual({
      uuid: 'GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52',
      index: 0,
      host: 'node-a',
    })
    expect(gpu('gpu.engine_active')?.gpu?.host).toBe('node-b')
    expect(gpu('gpu.fault')).toMatchObject({ kind: 'info', unit: 'code' })
    expect(gpu('gpu.throttle_events')?.kind).toBe('gauge')
  })

  test.each([
    ['9223372036854775794', 'sentinel'],
    ['9223372036854775792', 'sentinel'],
    ['2147483632', 'sentinel'],
    ['2147483635', 'sentinel'],
    ['140737488355328', 'sentinel'],
    ['140737488355330', 'sentinel'],
    ['NaN', 'sentinel'],
    ['+Inf', 'sentinel'],
    ['2147483631', 'present'],
    ['2147483636', 'present'],
    ['0', 'present'],
  ])('the value %s is %s', (value, state) => {
    const [reading] = from(`DCGM_FI_DEV_MEMORY_TEMP{gpu="0",UUID="GPU-1"} ${value}`, dcgm)
    expect(reading?.state).toBe(state)
    expect(reading?.value).toBe(state === 'present' ? Number(value) : NaN)
  })

  test('new names give what the old ones gave', () => {
    const old = 'DCGM_FI_PROF_SM_ACTIVE{gpu="0",UUID="GPU-1"} 0.5'
    const renamed = 'DCGM_FI_PROF_SM_UTIL_RATIO{gpu="0",UUID="GPU-1"} 0.5'
    expect(lines(from(renamed, dcgm))).toEqual(['gpu.sm_active{} 0.5'])
    expect(lines(from(renamed, dcgm))).toEqual(lines(from(old, dcgm)))
    expect(lines(from(`${old}\n${renamed}`, dcgm))).toEqual(['gpu.sm_active{} 0.5'])
  })

  test('a blank under the new name does not hide the value under the old one', () => {
    const page = [
      'DCGM_FI_PROF_SM_UTIL_RATIO{gpu="0",UUID="GPU-1"} 140737488355328',
      'DCGM_FI_PROF_SM_ACTIVE{gpu="0",UUID="GPU-1"} 0.5',
    ].join('\n')
    expect(lines(from(page, dcgm))).toEqual(['gpu.sm_active{} 0.5'])
  })

  test('units: percent, MiB, mJ and MHz', () => {
    const page = [
      'DCGM_FI_DEV_MEM_COPY_UTIL{gpu="0"} 25',
      'DCGM_FI_DEV_FB_USED{gpu="0"} 3',
      'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0"} 5000',
      'DCGM_FI_DEV_SM_CLOCK{gpu="0"} 1980',
    ].join('\n')
    expect(lines(from(page, dcgm))).toEqual([
      'gpu.mem_controller{} 0.25',
      'gpu.mem_used{} 3145728',
      'gpu.energy{} 5',
      'gpu.sm_clock{} 1980000000',
    ])
  })

  test('total memory is the sum of its parts, and says when a part is unknown', () => {
    const two = 'DCGM_FI_DEV_FB_USED{gpu="0"} 3\nDCGM_FI_DEV_FB_FREE{gpu="0"} 4'
    const three = `${two}\nDCGM_FI_DEV_FB_RESERVED{gpu="0"} 1`
    const exact = `${three}\nDCGM_FI_DEV_FB_TOTAL{gpu="0"} 8`
    expect(total(two)).toEqual([`gpu.mem_total{quality=approximate} ${7 * 2 ** 20}`])
    expect(total(three)).toEqual([`gpu.mem_total{quality=derived} ${8 * 2 ** 20}`])
    expect(total(exact)).toEqual([`gpu.mem_total{} ${8 * 2 ** 20}`])
    expect(total('DCGM_FI_DEV_FB_USED{gpu="0"} 3')).toEqual([])
  })

  test('a virtual GPU is exported once a replica and counts once', () => {
    const page = [0, 1, 2].map(
      (vgpu) => `DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-1",vgpu="${vgpu}"} 8`,
    )
    expect(lines(from(page.join('\n'), dcgm))).toEqual([`gpu.mem_used{} ${8 * 2 ** 20}`])
  })

  test('the last fault of several GPUs is never added up', () => {
    const page = [
      'DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-1",err_code="79"} 79',
      'DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-1",err_code="31"} 31',
      'DCGM_FI_DEV_XID_ERRORS{gpu="1",UUID="GPU-2"} 0',
    ].join('\n')
    expect(lines(from(page, dcgm))).toEqual(['gpu.fault{} 79', 'gpu.fault{} 0'])
  })

  test('NVLink rows with their own label names belong to the same GPU', () => {
    const page =
      'DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL{gpu="3",gpu_uuid="GPU-9",model_name="H100"} 2'
    const [reading] = from(page, dcgm)
    expect(reading?.gpu).toEqual({ uuid: 'GPU-9', index: 3, host: '' })
    expect(lines(from(page, dcgm))).toEqual(['gpu.nvlink_errors{class=crc_flit} 2'])
  })
})

test('SGLang: the total under the empty priority, not the sum over priorities', () => {
  const page = [
    'sglang:num_running_reqs{model_name="m",priority=""} 7',
    'sglang:num_running_reqs{model_name="m",priority="1"} 4',
    'sglang:num_running_reqs{model_name="m",priority="2"} 3',
  ].join('\n')
  expect(lines(from(page, sglang))).toEqual(['req.running{} 7'])
})

test('llama.cpp: phases of its time', () => {
  const page = 'llamacpp:prompt_seconds_total 4\nllamacpp:tokens_predicted_seconds_total 9'
  expect(lines(from(page, llamaCpp))).toEqual([
    'engine.busy_s{phase=prefill} 4',
    'engine.busy_s{phase=decode} 9',
  ])
})

test('numbers that add up or convert to none are no reading', () => {
  const page = [1, 2].map(
    (rank) => `sglang:num_running_reqs{model_name="m",tp_rank="${rank}"} 1.7e308`,
  )
  expect(lines(from(page.join('\n'), sglang))).toEqual(['req.running{} sentinel'])
  expect(lines(from('DCGM_FI_DEV_FB_USED{gpu="0"} 1.7e308', dcgm))).toEqual([
    'gpu.mem_used{} sentinel',
  ])
})
