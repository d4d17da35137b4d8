import type { SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

export const llamaCpp: SourceSystem = {
  name: 'llama.cpp',
  summary: 'llama.cpp server started with --metrics; it has no latency histograms.',
  asOf: '2026',
  target: 'copy',
  namePattern: /^llamacpp:/,
  labels: {},
  combine: 'first',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    {
      metric: 'req.running',
      name: 'llamacpp:requests_processing',
      quality: 'exact',
      expected: true,
    },
    { metric: 'req.waiting', name: 'llamacpp:requests_deferred', quality: 'exact', expected: true },
    {
      metric: 'tok.prompt',
      name: 'llamacpp:prompt_tokens_total',
      quality: 'exact',
      expected: true,
    },
    {
      metric: 'tok.output',
      name: 'llamacpp:tokens_predicted_total',
      quality: 'exact',
      expected: true,
    },
    // Gone from newer versions, which answer at /slots only.
    { metric: 'kv.usage', name: 'llamacpp:kv_cache_usage_ratio', quality: 'exact' },
    {
      metric: 'engine.busy_s',
      name: 'llamacpp:prompt_seconds_total',
      quality: 'exact',
      dimensions: { phase: 'prefill' },
    },
    {
      metric: 'engine.busy_s',
      name: 'llamacpp:tokens_predicted_seconds_total',
      quality: 'exact',
      dimensions: { phase: 'decode' },
    },
  ],
}
