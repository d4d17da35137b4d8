// OpenTelemetry's own metric names. They come by OTLP, never from a scrape.
import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

/** Seen by the program that calls the model: network and retries are part of it. */
const client = { quality: 'approximate', dimensions: { side: 'client' } } as const

const server = (metric: string, name: string): Alias => ({
  metric,
  name: `gen_ai.server.${name}`,
  quality: 'exact',
  buckets: true,
})

const clientLatency = (metric: string, name: string): Alias => ({
  metric,
  name: `gen_ai.client.inference.${name}`,
  // The name before it moved out of the general conventions.
  formerNames: [`gen_ai.client.operation.${name}`],
  ...client,
  buckets: true,
})

const ofToken = (type: 'input' | 'output') => ({ 'gen_ai.token.type': new RegExp(`^${type}$`) })

const clientTokens = (metric: string, name: string): Alias => ({
  metric,
  name: `gen_ai.client.inference.usage.${name}`,
  ...client,
})

/** Servers and clients of models; a copy is known by its instance id or its address. */
export const otelGenAi: SourceSystem = {
  name: 'otel-gen-ai',
  summary: 'OpenTelemetry gen_ai.server.* and gen_ai.client.* metrics.',
  asOf: 'semantic conventions 1.41.1 and gen-ai main',
  target: 'copy',
  namePattern: /^gen_ai\./,
  labels: { 'gen_ai.operation.name': 'operation', 'error.type': 'error' },
  combine: 'sum',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    server('lat.e2e', 'request.duration'),
    server('lat.ttft', 'time_to_first_token'),
    server('lat.tpot', 'time_per_output_token'),
    clientLatency('lat.e2e', 'duration'),
    clientLatency('lat.ttft', 'time_to_first_chunk'),
    clientLatency('lat.itl', 'time_per_output_chunk'),
    clientTokens('tok.prompt', 'input_tokens'),
    clientTokens('tok.output', 'output_tokens'),
    clientTokens('cache.hit_tokens', 'cache_read.input_tokens'),
    {
      metric: 'shape.input_len',
      name: 'gen_ai.client.inference.operation.input_tokens',
      ...client,
    },
    {
      metric: 'shape.output_len',
      name: 'gen_ai.client.inference.operation.output_tokens',
      ...client,
    },
    {
      metric: 'shape.input_len',
      name: 'gen_ai.client.token.usage',
      where: ofToken('input'),
      ...client,
    },
    {
      metric: 'shape.output_len',
      name: 'gen_ai.client.token.usage',
      where: ofToken('output'),
      ...client,
    },
    {
      metric: 'tok.prompt',
      name: 'gen_ai.client.token.usage_sum',
      where: ofToken('input'),
      ...client,
    },
    {
      metric: 'tok.output',
      name: 'gen_ai.client.token.usage_sum',
      where: ofToken('output'),
      ...client,
    },
  ],
}

const ofGpu = { 'hw.type': /^gpu$/ }

/** `hw.gpu.memory.utilization` keeps its own name: some report occupancy under it and some the controller's load. */
export const otelHardware: SourceSystem = {
  name: 'otel-hardware',
  summary: 'OpenTelemetry hw.gpu.* metrics, and hw.* of GPUs.',
  asOf: 'semantic conventions 1.41.1',
  target: 'node',
  namePattern: /^hw\./,
  labels: {},
  // A GPU has one reading a metric; what is left out tells tasks apart, not parts of it.
  combine: 'max',
  isSentinel: isNotFinite,
  derivations: [],
  aliases: [
    {
      metric: 'gpu.duty',
      name: 'hw.gpu.utilization',
      where: { 'hw.gpu.task': /^(general)?$/ },
      quality: 'exact',
    },
    { metric: 'gpu.mem_used', name: 'hw.gpu.memory.usage', quality: 'exact' },
    { metric: 'gpu.mem_total', name: 'hw.gpu.memory.limit', quality: 'exact' },
    { metric: 'gpu.power', name: 'hw.power', where: ofGpu, quality: 'exact' },
    { metric: 'gpu.energy', name: 'hw.energy', where: ofGpu, quality: 'exact' },
    { metric: 'gpu.temperature', name: 'hw.temperature', where: ofGpu, quality: 'exact' },
  ],
}
