// Triton Inference Server tells of its models and of its GPUs on one page: two systems, one for each kind of target.
import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const microseconds = 1e-6
const milliseconds = 1e-3

/**
 * The TensorRT-LLM layout is several models, of which some only call the others: adding them all up would count a
 * request up to four times. Each request passes `tensorrt_llm` once, whichever of them it came in by.
 */
const countedOnce = {
  model: /^(?!(?:preprocessing|postprocessing|ensemble|tensorrt_llm_bls)$)/,
}

/** Microseconds of all requests, and how many those were. */
const duration = (metric: string, name: string): Alias => ({
  metric,
  name: `nv_inference_${name}_us`,
  partNames: { _sum: `nv_inference_${name}_us`, _count: 'nv_inference_request_success' },
  quality: 'derived',
  factor: microseconds,
  where: countedOnce,
  expected: true,
})

const request = (metric: string, type: string): Alias => ({
  metric,
  name: 'nv_trt_llm_request_metrics',
  quality: 'exact',
  where: { request_type: new RegExp(`^${type}$`) },
})

export const triton: SourceSystem = {
  name: 'triton',
  summary:
    'Triton Inference Server, usually on port 8002, with the TensorRT-LLM backend or others.',
  asOf: '2.45 (24.04), TensorRT-LLM backend 2026',
  target: 'copy',
  namePattern: /^nv_(?:inference|trt_llm|cache)_/,
  labels: {},
  combine: 'sum',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    request('req.running', 'scheduled'),
    request('req.waiting', 'waiting'),
    // Of the whole server: what waits for the backend, not within it.
    {
      metric: 'req.waiting',
      name: 'nv_inference_pending_request_count',
      quality: 'approximate',
      where: countedOnce,
    },
    {
      metric: 'req.finished',
      name: 'nv_inference_request_success',
      quality: 'approximate',
      where: countedOnce,
      dimensions: { reason: 'unknown' },
      expected: true,
    },
    {
      metric: 'req.errors',
      name: 'nv_inference_request_failure',
      quality: 'exact',
      where: countedOnce,
      labels: { reason: 'class' },
      expected: true,
    },
    duration('lat.e2e', 'request_duration'),
    duration('lat.queue', 'queue_duration'),
    // Bounds of its buckets are milliseconds, so only sum and count are kept.
    {
      metric: 'lat.ttft',
      name: 'nv_inference_first_response_histogram_ms',
      quality: 'exact',
      factor: milliseconds,
      where: countedOnce,
    },
    {
      metric: 'kv.usage',
      name: 'nv_trt_llm_kv_cache_block_metrics',
      quality: 'exact',
      where: { kv_cache_block_type: /^fraction$/ },
      combine: 'max',
    },
    // Request time within a batch: it overlaps, so it runs ahead of the GPU's own.
    {
      metric: 'engine.busy_s',
      name: 'nv_inference_compute_infer_duration_us',
      quality: 'approximate',
      factor: microseconds,
      where: countedOnce,
      dimensions: { phase: 'infer' },
    },
  ],
}

const gpu = (metric: string, name: string, expected: boolean): Alias => ({
  metric,
  name,
  quality: 'exact',
  expected,
})

/** Where no other exporter tells of the GPUs of a server, Triton's page can be given as theirs. */
export const tritonGpu: SourceSystem = {
  name: 'triton-gpu',
  summary: 'GPU metrics of Triton Inference Server, for servers without a GPU exporter.',
  asOf: triton.asOf,
  target: 'node',
  namePattern: /^nv_(?:gpu|energy)_/,
  labels: {},
  combine: 'first',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    gpu('gpu.duty', 'nv_gpu_utilization', true),
    gpu('gpu.mem_used', 'nv_gpu_memory_used_bytes', true),
    gpu('gpu.mem_total', 'nv_gpu_memory_total_bytes', true),
    gpu('gpu.power', 'nv_gpu_power_usage', true),
    // Joules since Triton was started.
    gpu('gpu.energy', 'nv_energy_consumption', false),
  ],
}
