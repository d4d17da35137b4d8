// Sound bodies of every door, to be damaged. Built from the fixtures of the doors' own tests.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  keyValues,
  logsOf,
  metricsOf,
  nanos,
  spanOf,
  testNowMs,
  testSpanId,
  testTraceId,
  traceOf,
} from '../../src/sources/otlp/test-receiver.ts'
import { encodeV1, encodeV2 } from '../../src/sources/remote-write/test-messages.ts'
import { encodeJson } from './protobuf-encode.ts'
import { treeOf, type Node } from './protobuf-tree.ts'
import { logs, metrics, traces, writeV1, writeV2, type Shape } from './shapes.ts'

/** Where a body goes. */
export type Door = 'traces' | 'metrics' | 'logs' | 'write' | 'calls' | 'scores' | 'scrape'

/** A sound body before it is packed. */
export type Seed =
  | { readonly door: Door; readonly form: 'protobuf'; readonly shape: Shape; readonly tree: Node[] }
  | { readonly door: Door; readonly form: 'json'; readonly json: unknown }
  | { readonly door: Door; readonly form: 'page'; readonly text: string }

const start = testNowMs - 60_000

const times = { startTimeUnixNano: nanos(start), timeUnixNano: nanos(testNowMs) }

const evaluation = {
  'gen_ai.evaluation.name': 'Relevance',
  'gen_ai.evaluation.score.value': 0.9,
  'gen_ai.evaluation.explanation': 'It answers.',
}

const spans = traceOf(
  spanOf(
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'llama-3',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 60,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.conversation.id': 's-1',
      'gen_ai.latency.time_to_first_token': 0.25,
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'Why?' }] }],
      'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":"So."}]}]',
    },
    {
      kind: 3,
      status: { code: 1 },
      events: [
        {
          name: 'gen_ai.evaluation.result',
          timeUnixNano: nanos(testNowMs),
          attributes: keyValues(evaluation),
        },
        {
          name: 'gen_ai.choice',
          timeUnixNano: nanos(testNowMs),
          attributes: keyValues({ message: '{"content":"So."}', finish_reason: 'length' }),
        },
      ],
    },
  ),
  spanOf(
    {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'llama-3',
      'llm.token_count.prompt': 100,
      'llm.token_count.total': 120,
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.contents.0.message_content.text': 'Why?',
      'llm.output_messages.0.message.content': 'So.',
      'output.value': 'so',
    },
    { spanId: 'eee19b7ec3c1b175', parentSpanId: testSpanId },
  ),
  spanOf(
    {
      'traceloop.span.kind': 'task',
      'gen_ai.request.model': 'llama-3',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'Why?',
      'gen_ai.completion.0.content': 'So.',
      'traceloop.association.properties.session_id': 's-1',
    },
    { spanId: 'eee19b7ec3c1b176' },
  ),
)

const point = (value: object, attributes: Readonly<Record<string, string>> = {}) => ({
  ...times,
  ...value,
  attributes: keyValues(attributes),
})

const readings = metricsOf(
  { 'service.instance.id': 'llama-1', 'host.name': 'n1' },
  {
    name: 'vllm:num_requests_running',
    gauge: { dataPoints: [point({ asDouble: 3 }, { engine: '0' })] },
  },
  {
    name: 'hw.gpu.utilization',
    unit: '1',
    gauge: { dataPoints: [point({ asDouble: 0.7 }, { 'hw.id': 'GPU-aa' })] },
  },
  {
    name: 'orders',
    sum: {
      dataPoints: [point({ asInt: '7' }, { shop: 'north' })],
      aggregationTemporality: 1,
      isMonotonic: true,
    },
  },
  {
    name: 'gen_ai.server.request.duration',
    unit: 's',
    histogram: {
      dataPoints: [
        point({ count: '3', sum: 1.5, bucketCounts: ['1', '2', '0'], explicitBounds: [0.1, 1] }),
      ],
      aggregationTemporality: 2,
    },
  },
  {
    name: 'exponential',
    exponentialHistogram: {
      dataPoints: [
        point({
          count: '6',
          sum: 9,
          scale: 2,
          zeroCount: '1',
          positive: { offset: -3, bucketCounts: ['1', '0', '3'] },
          negative: { offset: 1, bucketCounts: ['1'] },
        }),
      ],
      aggregationTemporality: 2,
    },
  },
  {
    name: 'quantiles',
    summary: {
      dataPoints: [point({ count: '3', sum: 6, quantileValues: [{ quantile: 0.5, value: 2 }] })],
    },
  },
)

const records = logsOf(
  {
    timeUnixNano: nanos(testNowMs),
    observedTimeUnixNano: nanos(testNowMs),
    traceId: testTraceId,
    spanId: testSpanId,
    eventName: 'gen_ai.evaluation.result',
    attributes: keyValues({ ...evaluation, 'gen_ai.request.model': 'llama-3' }),
  },
  {
    timeUnixNano: nanos(testNowMs),
    traceId: testTraceId,
    spanId: testSpanId,
    eventName: 'gen_ai.client.inference.operation.details',
    body: { kvlistValue: { values: keyValues({ content: 'Why?', list: [1, { deep: true }] }) } },
    attributes: keyValues({ 'gen_ai.input.messages': '[{"role":"user","content":"Why?"}]' }),
  },
)

const otlp = [
  { door: 'traces', shape: traces, json: spans },
  { door: 'metrics', shape: metrics, json: readings },
  { door: 'logs', shape: logs, json: records },
] as const

const labels = { job: 'vllm', instance: '10.0.0.9:8000', model_name: 'llama-3', engine: '0' }

const series = [
  { labels: { __name__: 'vllm:num_requests_running', ...labels } },
  { labels: { __name__: 'vllm:time_to_first_token_seconds_bucket', ...labels, le: '0.1' } },
  { labels: { __name__: 'DCGM_FI_DEV_GPU_UTIL', gpu: '0', UUID: 'GPU-aa', job: 'dcgm' } },
  { labels: { __name__: 'shop_orders_total', shop: 'a b' }, type: 1, exemplars: 1 },
].map((one, index) => ({
  ...one,
  samples: [
    [index, testNowMs - 15_000],
    [index + 1, testNowMs],
    ['stale', testNowMs],
  ] as const,
}))

const write = [
  {
    shape: writeV1,
    bytes: encodeV1(series, [{ type: 1, family: 'shop_orders', unit: 'orders' }]),
  },
  { shape: writeV2, bytes: encodeV2(series) },
]

const call = {
  callId: 'call-1',
  startedAt: '2026-06-01T11:59:00Z',
  model: 'llama-3',
  totalSeconds: 1.5,
  ttftSeconds: 0.2,
  promptTokens: 100,
  completionTokens: 20,
  prompt: 'Why? Write to jane@example.com',
  answer: 'So.',
  attributes: { user: 'u-1' },
  machineGpuIds: ['n1/0'],
}

const ollama = {
  model: 'llama-3',
  created_at: '2026-06-01T11:59:05Z',
  message: { role: 'assistant', content: 'So.' },
  done: true,
  done_reason: 'stop',
  total_duration: 5_000_000_000,
  load_duration: 1_000_000_000,
  prompt_eval_count: 26,
  eval_count: 290,
  eval_duration: 2_900_000_000,
}

const score = {
  callId: 'call-1',
  model: 'llama-3',
  callStartedAt: 1_780_315_140_000,
  evaluator: 'mine',
  dimension: 'accuracy',
  value: 0.75,
  reason: 'It is right.',
}

const rows = [
  { door: 'calls', json: [call, { ...call, callId: 'call-2', outcome: 'truncated' }, ollama] },
  { door: 'scores', json: [score] },
] as const

const fixtures = join(import.meta.dirname, '../../src/sources/prometheus/fixtures')

const openMetrics = [
  '# TYPE vllm:request_success counter',
  'vllm:request_success_total{engine="0",finished_reason="stop"} 17 # {trace_id="a"} 1 1520879607.789',
  'vllm:kv_cache_usage_perc{engine="0"} 0.25 1780315200.5',
  '# EOF\n',
].join('\n')

const pages = [
  ...readdirSync(fixtures)
    .toSorted()
    .map((name) => readFileSync(join(fixtures, name), 'utf8')),
  openMetrics,
]

/** Every seed. */
export const seeds: readonly Seed[] = [
  ...otlp.flatMap(({ door, shape, json }): Seed[] => [
    { door, form: 'protobuf', shape, tree: treeOf(encodeJson(shape, json), shape) },
    { door, form: 'json', json },
  ]),
  ...write.map(({ shape, bytes }): Seed => ({
    door: 'write',
    form: 'protobuf',
    shape,
    tree: treeOf(bytes, shape),
  })),
  ...rows.map(({ door, json }): Seed => ({ door, form: 'json', json })),
  ...pages.map((text): Seed => ({ door: 'scrape', form: 'page', text })),
]

/** Seeds by door; a door that stands twice is tried twice as often. */
export const seedsByDoor: readonly (readonly Seed[])[] = (
  [
    'traces',
    'traces',
    'metrics',
    'metrics',
    'logs',
    'write',
    'write',
    'calls',
    'scores',
    'scrape',
    'scrape',
  ] as const
).map((door) => seeds.filter((seed) => seed.door === door))
