import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const latencies: readonly Alias[] = [
  { metric: 'lat.ttft', name: 'vllm:time_to_first_token_seconds' },
  {
    metric: 'lat.itl',
    name: 'vllm:inter_token_latency_seconds',
    formerNames: ['vllm:time_per_output_token_seconds'],
  },
  { metric: 'lat.tpot', name: 'vllm:request_time_per_output_token_seconds' },
  { metric: 'lat.queue', name: 'vllm:request_queue_time_seconds' },
  { metric: 'lat.prefill', name: 'vllm:request_prefill_time_seconds' },
  { metric: 'lat.decode', name: 'vllm:request_decode_time_seconds' },
  { metric: 'lat.e2e', name: 'vllm:e2e_request_latency_seconds' },
].map((alias) => ({ ...alias, quality: 'exact', buckets: true, expected: true }))

/** Calls of the API, not scrapes and health checks. */
const inferenceHandlers = { handler: /^\/(v1\/|generate|invocations|score|pooling)/ }

const fromCache = { source: /^(local_cache_hit|external_kv_transfer)$/ }

export const vllm: SourceSystem = {
  name: 'vllm',
  summary: 'vLLM model server, /metrics on its API port.',
  asOf: '0.32 (V1 engine)',
  target: 'copy',
  namePattern: /^vllm:/,
  // One series an engine: data-parallel ranks of a copy are summed by whoever reads them.
  labels: { engine: 'engine' },
  combine: 'sum',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    { metric: 'req.running', name: 'vllm:num_requests_running', quality: 'exact', expected: true },
    { metric: 'req.waiting', name: 'vllm:num_requests_waiting', quality: 'exact', expected: true },
    {
      metric: 'req.waiting_by_reason',
      name: 'vllm:num_requests_waiting_by_reason',
      quality: 'exact',
      labels: { reason: 'reason' },
    },
    {
      metric: 'req.arrived',
      name: 'http_requests_total',
      quality: 'exact',
      where: inferenceHandlers,
    },
    {
      metric: 'req.errors',
      name: 'http_requests_total',
      quality: 'exact',
      where: { ...inferenceHandlers, status: /^[45]/ },
      labels: { status: 'class' },
    },
    {
      metric: 'req.finished',
      name: 'vllm:request_success_total',
      quality: 'exact',
      labels: { finished_reason: 'reason' },
      expected: true,
    },
    {
      metric: 'req.rejected',
      name: 'vllm:admission_rejections_total',
      quality: 'exact',
      labels: { reason: 'reason' },
    },
    {
      metric: 'req.preempted',
      name: 'vllm:num_preemptions_total',
      quality: 'exact',
      expected: true,
    },
    { metric: 'tok.prompt', name: 'vllm:prompt_tokens_total', quality: 'exact', expected: true },
    {
      metric: 'tok.prompt_by_source',
      name: 'vllm:prompt_tokens_by_source_total',
      quality: 'exact',
      labels: { source: 'source' },
    },
    {
      metric: 'tok.output',
      name: 'vllm:generation_tokens_total',
      quality: 'exact',
      expected: true,
    },
    ...latencies,
    { metric: 'shape.input_len', name: 'vllm:request_prompt_tokens', quality: 'exact' },
    { metric: 'shape.output_len', name: 'vllm:request_generation_tokens', quality: 'exact' },
    // A histogram, despite its `_total`.
    { metric: 'batch.step_tokens', name: 'vllm:iteration_tokens_total', quality: 'exact' },
    {
      metric: 'kv.usage',
      name: 'vllm:kv_cache_usage_perc',
      formerNames: ['vllm:gpu_cache_usage_perc'],
      quality: 'exact',
      // 0 to 1 in both versions, despite the name.
      combine: 'max',
      expected: true,
    },
    {
      metric: 'kv.capacity_tokens',
      name: 'vllm:cache_config_info',
      quality: 'derived',
      productOf: ['num_gpu_blocks', 'block_size'],
    },
    {
      metric: 'cache.hit_tokens',
      name: 'vllm:prompt_tokens_by_source_total',
      quality: 'exact',
      where: fromCache,
    },
    { metric: 'cache.hit_tokens', name: 'vllm:prompt_tokens_cached_total', quality: 'exact' },
    // Waiting requests are looked up again in each step, so these run high.
    {
      metric: 'cache.hit_tokens',
      name: 'vllm:prefix_cache_hits_total',
      formerNames: ['vllm:gpu_prefix_cache_hits_total'],
      quality: 'approximate',
    },
    { metric: 'cache.query_tokens', name: 'vllm:prompt_tokens_by_source_total', quality: 'exact' },
    {
      metric: 'cache.query_tokens',
      name: 'vllm:prefix_cache_queries_total',
      formerNames: ['vllm:gpu_prefix_cache_queries_total'],
      quality: 'approximate',
    },
    {
      metric: 'engine.flops',
      name: 'vllm:estimated_flops_per_gpu_total',
      quality: 'approximate',
    },
    {
      metric: 'engine.bytes_read',
      name: 'vllm:estimated_read_bytes_per_gpu_total',
      quality: 'approximate',
    },
    {
      metric: 'engine.bytes_written',
      name: 'vllm:estimated_write_bytes_per_gpu_total',
      quality: 'approximate',
    },
  ],
}
