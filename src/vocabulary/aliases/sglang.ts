import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const latencies: readonly Alias[] = [
  { metric: 'lat.ttft', name: 'sglang:time_to_first_token_seconds' },
  { metric: 'lat.itl', name: 'sglang:inter_token_latency_seconds' },
  { metric: 'lat.queue', name: 'sglang:queue_time_seconds' },
  { metric: 'lat.e2e', name: 'sglang:e2e_request_latency_seconds' },
].map((alias) => ({ ...alias, quality: 'exact', buckets: true, expected: true }))

/** With priority scheduling the total stands under the empty priority; the others are parts of it. */
const total = { priority: /^$/ }

export const sglang: SourceSystem = {
  name: 'sglang',
  summary: 'SGLang model server started with --enable-metrics.',
  asOf: '2026',
  target: 'copy',
  namePattern: /^sglang:/,
  labels: { dp_rank: 'engine', engine_type: 'engine_type' },
  combine: 'sum',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    {
      metric: 'req.running',
      name: 'sglang:num_running_reqs',
      quality: 'exact',
      where: total,
      expected: true,
    },
    {
      metric: 'req.waiting',
      name: 'sglang:num_queue_reqs',
      quality: 'exact',
      where: total,
      expected: true,
    },
    {
      metric: 'req.arrived',
      name: 'sglang:num_requests_total',
      quality: 'exact',
      expected: true,
    },
    {
      metric: 'req.errors',
      name: 'sglang:num_aborted_requests_total',
      quality: 'approximate',
      dimensions: { class: 'aborted' },
    },
    { metric: 'req.preempted', name: 'sglang:num_retracted_requests_total', quality: 'exact' },
    { metric: 'tok.prompt', name: 'sglang:prompt_tokens_total', quality: 'exact', expected: true },
    {
      metric: 'tok.prompt_by_source',
      name: 'sglang:realtime_tokens_total',
      quality: 'exact',
      where: { mode: /^prefill_/ },
      labels: { mode: 'source' },
    },
    {
      metric: 'tok.output',
      name: 'sglang:generation_tokens_total',
      quality: 'exact',
      expected: true,
    },
    ...latencies,
    { metric: 'shape.input_len', name: 'sglang:prompt_tokens_histogram', quality: 'exact' },
    { metric: 'shape.output_len', name: 'sglang:generation_tokens_histogram', quality: 'exact' },
    // The largest share over the memory pools, despite the name.
    {
      metric: 'kv.usage',
      name: 'sglang:token_usage',
      quality: 'exact',
      combine: 'max',
      expected: true,
    },
    { metric: 'kv.capacity_tokens', name: 'sglang:max_total_num_tokens', quality: 'exact' },
    { metric: 'cache.hit_tokens', name: 'sglang:cached_tokens_total', quality: 'exact' },
    { metric: 'cache.query_tokens', name: 'sglang:prompt_tokens_total', quality: 'exact' },
    {
      metric: 'engine.busy_s',
      name: 'sglang:forward_execution_seconds_total',
      quality: 'exact',
      labels: { category: 'phase' },
    },
    {
      metric: 'engine.flops',
      name: 'sglang:estimated_flops_per_gpu_total',
      quality: 'approximate',
    },
    {
      metric: 'engine.bytes_read',
      name: 'sglang:estimated_read_bytes_per_gpu_total',
      quality: 'approximate',
    },
    {
      metric: 'engine.bytes_written',
      name: 'sglang:estimated_write_bytes_per_gpu_total',
      quality: 'approximate',
    },
    {
      metric: 'start.load_s',
      name: 'sglang:startup_time_seconds',
      quality: 'exact',
      labels: { phase: 'phase' },
    },
  ],
}
