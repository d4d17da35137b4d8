// A page of each system, in the shape that it really has, and what is read of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { detectSystem } from '../../vocabulary/aliases/registry.ts'
import type { SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { parseExposition } from './exposition.ts'
import { readingsOf } from './readings.ts'

/** `metric{dimensions} value` of what the system that the page gives away reads in it. */
function read(page: string, target: SourceSystem['target']): string[] {
  const exposition = parseExposition(page)
  expect(exposition.badLines).toEqual([])
  const system = detectSystem(
    exposition.samples.map((sample) => sample.name),
    target,
  )
  return readingsOf(exposition, system).map(({ metric, dimensions, value, state }) => {
    const pairs = Object.entries(dimensions).map(([name, text]) => `${name}=${text}`)
    return `${metric}{${pairs.join(',')}} ${state === 'present' ? value : state}`
  })
}

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

test('Triton: microseconds, and a request that passes four models counts once', () => {
  expect(read(fixture('triton.prom'), 'copy')).toEqual([
    'req.running{} 9',
    'req.waiting{} 3',
    'req.finished{reason=unknown,quality=approximate} 161',
    'req.errors{class=CANCELED} 2',
    'req.errors{class=BACKEND} 1',
    'lat.e2e_sum{quality=derived} 161',
    'lat.e2e_count{quality=derived} 161',
    'lat.queue_sum{quality=derived} 0.01111',
    'lat.queue_count{quality=derived} 161',
    // Its buckets are bounded in milliseconds and not kept.
    'lat.ttft_sum{} 10.771',
    'lat.ttft_count{} 37',
    'kv.usage{} 0.25',
    'engine.busy_s{phase=infer,quality=approximate} 150',
  ])
})

test('Triton without the TensorRT-LLM backend: what waits is told by the server', () => {
  const page = 'nv_inference_pending_request_count{model="vllm_model",version="1"} 4'
  expect(read(page, 'copy')).toEqual(['req.waiting{quality=approximate} 4'])
})

test('Triton as the GPU exporter of a server', () => {
  expect(read(fixture('triton.prom'), 'node')).toEqual([
    'gpu.duty{} 0.73',
    'gpu.mem_total{} 85899345920',
    'gpu.power{} 412.5',
    'gpu.energy{} 125678.9',
  ])
})

test('TensorRT-LLM, and the names that it had before', () => {
  expect(read(fixture('tensorrt-llm.prom'), 'copy')).toEqual([
    'req.running{engine_type=trtllm} 12',
    'req.waiting{engine_type=trtllm} 5',
    'req.finished{engine_type=trtllm,reason=stop} 812',
    'req.finished{engine_type=trtllm,reason=length} 13',
    'tok.prompt{engine_type=trtllm} 90210',
    'lat.ttft_sum{engine_type=trtllm} 91.5',
    'lat.ttft_count{engine_type=trtllm} 825',
    'lat.ttft_bucket{engine_type=trtllm,le=0.1} 97',
    'lat.ttft_bucket{engine_type=trtllm,le=+Inf} 825',
    'kv.usage{engine_type=trtllm} 0.62',
    'cache.query_tokens{engine_type=trtllm} 90210',
  ])
  const older = 'trtllm_num_active_requests 7\ntrtllm_server_queue_length 2'
  expect(read(older, 'copy')).toEqual(['req.running{} 7', 'req.waiting{} 2'])
})

test('nvidia_gpu_exporter: ratios, bytes and hertz as they are', () => {
  expect(read(fixture('nvidia-smi.prom'), 'node')).toEqual([
    'gpu.duty{} 0.42',
    'gpu.mem_controller{} 0.07',
    'gpu.mem_used{} 706740224',
    'gpu.power{} 28.07',
    'gpu.temperature{} 34',
    'gpu.sm_clock{} 2040000000',
  ])
})

const rounded = (line: string) =>
  line.replace(/0\.\d+/, (text) => String(Number(Number(text).toFixed(6))))

const amd = [
  'gpu.duty{partition=0} 0.88',
  'gpu.mem_controller{partition=0} 0.35',
  'gpu.dram_active{partition=0,quality=approximate} 0.35',
  `gpu.mem_used{partition=0} ${183_265 * 2 ** 20}`,
  `gpu.mem_total{partition=0} ${196_592 * 2 ** 20}`,
  'gpu.power{partition=0} 748',
  'gpu.energy{partition=0} 140000000000',
  'gpu.temperature{partition=0} 76',
  'gpu.mem_temperature{partition=0} sentinel',
  'gpu.sm_clock{partition=0,quality=approximate} 1533000000',
  'gpu.mem_clock{partition=0} 1292000000',
]

test.each([
  ['as today', (page: string) => page],
  ['with a prefix', (page: string) => page.replaceAll(/^(# \w+ )?gpu_/gm, '$1amd_gpu_')],
  [
    'in capitals',
    (page: string) => page.replaceAll(/^gpu_[a-z_]+/gm, (name) => name.toUpperCase()),
  ],
])('AMD, %s: percent, MiB, microjoules and MHz', (_, spelt) => {
  expect(read(spelt(fixture('amd-gpu.prom')), 'node').map(rounded)).toEqual(amd)
})

test('an AMD GPU is known by its UUID or its index on the server', () => {
  const exposition = parseExposition(fixture('amd-gpu.prom'))
  const [reading] = readingsOf(exposition, detectSystem(['gpu_gfx_activity'], 'node'))
  expect(reading?.gpu).toEqual({
    uuid: 'ccff74a1-0000-1000-80e0-c6d49f5b0d86',
    index: 2,
    host: 'node-c',
  })
})

test('SGLang: parts by streaming are one, throughput is no counter', () => {
  expect(read(fixture('sglang.prom'), 'copy')).toEqual([
    'req.running{engine_type=unified} 14',
    'req.waiting{engine_type=unified} 2',
    'tok.prompt{} 8128',
    'kv.usage{engine_type=unified} 0.28',
    'cache.query_tokens{} 8128',
    'engine.busy_s{engine_type=unified,phase=prefill} 3.5',
    'engine.busy_s{engine_type=unified,phase=decode} 21.25',
  ])
})

test('TGI: tokens from the sums of its histograms, phases from its forward passes', () => {
  expect(read(fixture('tgi.prom'), 'copy')).toEqual([
    'req.running{} 7',
    'req.waiting{} 3',
    'req.arrived{} 410',
    'req.finished{reason=unknown,quality=approximate} 402',
    'lat.queue_sum{} 12.5',
    'lat.queue_count{} 402',
    'lat.queue_bucket{le=0.1} 390',
    'lat.queue_bucket{le=+Inf} 402',
    'shape.output_len_sum{} 51200',
    'shape.output_len_count{} 402',
    'engine.busy_s{phase=prefill,quality=derived} 4.25',
    'engine.busy_s{phase=decode,quality=derived} 31.5',
    'tok.output{quality=derived} 51200',
  ])
})

test('llama.cpp: tokens_seconds are averages and n_tokens_max is a mark, so neither is read', () => {
  expect(read(fixture('llama-cpp.prom'), 'copy')).toEqual([
    'req.running{} 3',
    'req.waiting{} 1',
    'tok.prompt{} 1024',
    'tok.output{} 2048',
    'engine.busy_s{phase=prefill} 4',
    'engine.busy_s{phase=decode} 9',
  ])
})
