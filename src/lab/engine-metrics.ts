// The metrics of an engine under vLLM's own names, labels and buckets.
import type { EngineObserver, EngineState } from './engine.ts'
import { createHistogram, exposeHistogram, exposeValues } from './exposition.ts'
import type { Labels } from './exposition.ts'
import type { Sequence } from './scheduler.ts'

export interface EngineMetrics extends EngineObserver {
  /** Text for `/metrics`, without the HTTP counters. */
  expose(state: EngineState): string
}

export interface EngineMetricsOptions {
  readonly model: string
  readonly blockTokens: number
  readonly maxModelTokens: number
  readonly prefixCache: boolean
}

const ttftBuckets = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  160, 640, 2560,
]
const perTokenBuckets = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
]
const latencyBuckets = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
]
const stepBuckets = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384]

/** Counts what an engine reports, from zero. */
export function createEngineMetrics(options: EngineMetricsOptions): EngineMetrics {
  const histograms = createHistograms(options.maxModelTokens)
  const totals = { prompt: 0, cached: 0, generation: 0, preemptions: 0 }
  const finished = { stop: 0, length: 0, abort: 0 }

  return {
    onStep: (step, emitted) => {
      totals.preemptions += step.preempted
      histograms.step.observe(step.prefillTokens + emitted)
    },
    onPrompt: (sequence) => {
      totals.prompt += sequence.input.promptTokens
      totals.cached += sequence.cachedTokens
    },
    onToken: (sequence, timeMs) => {
      totals.generation += 1
      if (sequence.firstTokenMs === null) {
        histograms.ttft.observe(seconds(sequence.arrivedMs, timeMs))
      } else histograms.interToken.observe(seconds(sequence.lastTokenMs, timeMs))
    },
    onFinish: (sequence, reason, timeMs) => {
      finished[reason] += 1
      if (reason !== 'abort') observeFinish(histograms, sequence, timeMs)
    },
    expose: (state) =>
      exposeState(options, state) +
      exposeCounters(options, { totals, finished }) +
      exposeHistograms(options.model, histograms),
  }
}

type Histograms = ReturnType<typeof createHistograms>

function createHistograms(maxModelTokens: number) {
  const sizes = sizeBuckets(maxModelTokens)
  return {
    ttft: createHistogram(ttftBuckets),
    interToken: createHistogram(perTokenBuckets),
    requestPerToken: createHistogram(perTokenBuckets),
    e2e: createHistogram(latencyBuckets),
    queue: createHistogram(latencyBuckets),
    inference: createHistogram(latencyBuckets),
    prefill: createHistogram(latencyBuckets),
    decode: createHistogram(latencyBuckets),
    step: createHistogram(stepBuckets),
    promptTokens: createHistogram(sizes),
    generationTokens: createHistogram(sizes),
    maxTokens: createHistogram(sizes),
  }
}

/** 1, 2, 5, 10, 20, 50 … up to the longest sequence. */
function sizeBuckets(maximum: number): number[] {
  const bounds: number[] = []
  for (let power = 1; power <= maximum; power *= 10) bounds.push(power, 2 * power, 5 * power)
  return bounds.filter((bound) => bound <= maximum)
}

function seconds(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000
}

function observeFinish(histograms: Histograms, sequence: Sequence, timeMs: number): void {
  const scheduledMs = sequence.scheduledMs ?? sequence.arrivedMs
  const firstTokenMs = sequence.firstTokenMs ?? timeMs
  histograms.e2e.observe(seconds(sequence.arrivedMs, timeMs))
  histograms.queue.observe(seconds(sequence.arrivedMs, scheduledMs))
  histograms.inference.observe(seconds(scheduledMs, timeMs))
  histograms.prefill.observe(seconds(scheduledMs, firstTokenMs))
  histograms.decode.observe(seconds(firstTokenMs, timeMs))
  if (sequence.emitted > 1) {
    const decodeSeconds = seconds(firstTokenMs, sequence.lastTokenMs)
    histograms.requestPerToken.observe(decodeSeconds / (sequence.emitted - 1))
  }
  histograms.promptTokens.observe(sequence.input.promptTokens)
  histograms.generationTokens.observe(sequence.emitted)
  histograms.maxTokens.observe(sequence.input.maxTokens)
}

function exposeState(options: EngineMetricsOptions, state: EngineState): string {
  const labels: Labels = { model_name: options.model, engine: '0' }
  const waitingHelp = 'Number of requests waiting to be processed.'
  return [
    gauge('num_requests_running', 'Number of requests in model execution batches.', [
      [labels, state.running],
    ]),
    gauge('num_requests_waiting', waitingHelp, [[labels, state.waiting]]),
    gauge('num_requests_waiting_by_reason', 'Number of waiting requests by reason.', [
      [{ ...labels, reason: 'capacity' }, state.waiting],
      [{ ...labels, reason: 'deferred' }, 0],
    ]),
    gauge('kv_cache_usage_perc', 'KV-cache usage. 1 means 100 percent usage.', [
      [labels, state.kvCacheUsage],
    ]),
    // This one has no model_name, as in vLLM.
    gauge('cache_config_info', 'Information of the LLMEngine CacheConfig', [
      [cacheConfig(options, state.kvBlocks), 1],
    ]),
  ].join('')
}

type LabelledValues = readonly (readonly [Labels, number])[]

function gauge(name: string, help: string, values: LabelledValues): string {
  return exposeValues({ name: `vllm:${name}`, help, type: 'gauge' }, values)
}

function counter(name: string, help: string, values: LabelledValues): string {
  return exposeValues({ name: `vllm:${name}_total`, help, type: 'counter' }, values)
}

function cacheConfig(options: EngineMetricsOptions, kvBlocks: number): Labels {
  return {
    block_size: String(options.blockTokens),
    cache_dtype: 'auto',
    enable_prefix_caching: options.prefixCache ? 'True' : 'False',
    engine: '0',
    gpu_memory_utilization: '0.9',
    num_gpu_blocks: String(kvBlocks),
  }
}

interface Counts {
  readonly totals: Readonly<Record<'prompt' | 'cached' | 'generation' | 'preemptions', number>>
  readonly finished: Readonly<Record<'stop' | 'length' | 'abort', number>>
}

function exposeCounters(options: EngineMetricsOptions, { totals, finished }: Counts): string {
  const labels: Labels = { model_name: options.model, engine: '0' }
  const reasons = Object.entries(finished).map(
    ([reason, count]) => [{ ...labels, finished_reason: reason }, count] as const,
  )
  return [
    counter('num_preemptions', 'Cumulative number of preemption from the engine.', [
      [labels, totals.preemptions],
    ]),
    counter('prompt_tokens', 'Number of prefill tokens processed.', [[labels, totals.prompt]]),
    counter('prompt_tokens_by_source', 'Number of prompt tokens by source.', [
      [{ ...labels, source: 'local_compute' }, totals.prompt - totals.cached],
      [{ ...labels, source: 'local_cache_hit' }, totals.cached],
      [{ ...labels, source: 'external_kv_transfer' }, 0],
    ]),
    counter('generation_tokens', 'Number of generation tokens processed.', [
      [labels, totals.generation],
    ]),
    counter('prefix_cache_queries', 'Prefix cache queries, in number of queried tokens.', [
      [labels, options.prefixCache ? totals.prompt : 0],
    ]),
    counter('prefix_cache_hits', 'Prefix cache hits, in number of cached tokens.', [
      [labels, totals.cached],
    ]),
    counter('request_success', 'Count of successfully processed requests.', reasons),
  ].join('')
}

function exposeHistograms(model: string, histograms: Histograms): string {
  const labels: Labels = { model_name: model, engine: '0' }
  return histogramNames
    .map(([kind, name, help]) =>
      exposeHistogram({ name: `vllm:${name}`, help }, labels, histograms[kind]),
    )
    .join('')
}

const histogramNames: readonly (readonly [keyof Histograms, string, string])[] = [
  ['ttft', 'time_to_first_token_seconds', 'Histogram of time to first token in seconds.'],
  ['interToken', 'inter_token_latency_seconds', 'Histogram of inter-token latency in seconds.'],
  [
    'requestPerToken',
    'request_time_per_output_token_seconds',
    'Histogram of time_per_output_token_seconds per request.',
  ],
  ['e2e', 'e2e_request_latency_seconds', 'Histogram of e2e request latency in seconds.'],
  ['queue', 'request_queue_time_seconds', 'Histogram of time spent in WAITING phase for request.'],
  [
    'inference',
    'request_inference_time_seconds',
    'Histogram of time spent in RUNNING phase for request.',
  ],
  [
    'prefill',
    'request_prefill_time_seconds',
    'Histogram of time spent in PREFILL phase for request.',
  ],
  ['decode', 'request_decode_time_seconds', 'Histogram of time spent in DECODE phase for request.'],
  ['step', 'iteration_tokens_total', 'Histogram of number of tokens per engine_step.'],
  ['promptTokens', 'request_prompt_tokens', 'Number of prefill tokens processed.'],
  ['generationTokens', 'request_generation_tokens', 'Number of generation tokens processed.'],
  ['maxTokens', 'request_params_max_tokens', 'Histogram of the max_tokens request parameter.'],
]
