import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const histograms: readonly Alias[] = [
  { metric: 'lat.e2e', name: 'tgi_request_duration' },
  { metric: 'lat.queue', name: 'tgi_request_queue_duration' },
  { metric: 'lat.tpot', name: 'tgi_request_mean_time_per_token_duration' },
].map((alias) => ({ ...alias, quality: 'exact', buckets: true, expected: true }))

/** There is no time to first token and no use of the KV cache to be had. */
export const tgi: SourceSystem = {
  name: 'tgi',
  summary: 'Hugging Face Text Generation Inference.',
  asOf: '3',
  target: 'copy',
  namePattern: /^tgi_/,
  labels: {},
  combine: 'sum',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    { metric: 'req.running', name: 'tgi_batch_current_size', quality: 'exact', expected: true },
    { metric: 'req.waiting', name: 'tgi_queue_size', quality: 'exact', expected: true },
    { metric: 'req.arrived', name: 'tgi_request_count', quality: 'exact', expected: true },
    {
      metric: 'req.finished',
      name: 'tgi_request_success',
      quality: 'approximate',
      dimensions: { reason: 'unknown' },
    },
    ...histograms,
    { metric: 'shape.input_len', name: 'tgi_request_input_length', quality: 'exact' },
    { metric: 'shape.output_len', name: 'tgi_request_generated_tokens', quality: 'exact' },
    // Seconds of the forward pass of each batch, so nothing is counted twice.
    {
      metric: 'engine.busy_s',
      name: 'tgi_batch_forward_duration_sum',
      quality: 'derived',
      labels: { method: 'phase' },
    },
    { metric: 'tok.prompt', name: 'tgi_request_input_length_sum', quality: 'derived' },
    { metric: 'tok.output', name: 'tgi_request_generated_tokens_sum', quality: 'derived' },
  ],
}
