import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const latency = (metric: string, name: string, expected: boolean): Alias => ({
  metric,
  name: `trtllm_${name}_seconds`,
  quality: 'exact',
  buckets: true,
  expected,
})

/** Earlier releases export finished requests and four histograms and no tokens: only those are expected. */
export const tensorrtLlm: SourceSystem = {
  name: 'tensorrt-llm',
  summary: 'trtllm-serve of TensorRT-LLM; its metrics are at /prometheus/metrics (set metricsUrl).',
  asOf: '1.3 (2026)',
  target: 'copy',
  namePattern: /^trtllm_/,
  labels: { engine_type: 'engine_type' },
  combine: 'sum',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    {
      metric: 'req.running',
      name: 'trtllm_num_requests_running',
      formerNames: ['trtllm_num_active_requests'],
      quality: 'exact',
    },
    {
      metric: 'req.waiting',
      name: 'trtllm_num_requests_waiting',
      formerNames: ['trtllm_server_queue_length'],
      quality: 'exact',
    },
    {
      metric: 'req.finished',
      name: 'trtllm_request_success_total',
      quality: 'exact',
      labels: { finished_reason: 'reason' },
      expected: true,
    },
    {
      metric: 'req.errors',
      name: 'trtllm_request_error_total',
      quality: 'exact',
      dimensions: { class: 'unknown' },
    },
    { metric: 'tok.prompt', name: 'trtllm_prompt_tokens_total', quality: 'exact' },
    { metric: 'tok.output', name: 'trtllm_generation_tokens_total', quality: 'exact' },
    latency('lat.ttft', 'time_to_first_token', true),
    latency('lat.tpot', 'time_per_output_token', true),
    latency('lat.queue', 'request_queue_time', true),
    latency('lat.prefill', 'request_prefill_time', false),
    latency('lat.decode', 'request_decode_time', false),
    latency('lat.e2e', 'e2e_request_latency', true),
    {
      metric: 'kv.usage',
      name: 'trtllm_kv_cache_utilization',
      quality: 'exact',
      combine: 'max',
    },
    { metric: 'cache.hit_tokens', name: 'trtllm_prompt_cached_tokens_total', quality: 'exact' },
    { metric: 'cache.query_tokens', name: 'trtllm_prompt_tokens_total', quality: 'exact' },
  ],
}
