// The official exporters of OpenTelemetry against the real application.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
} from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtoMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestReceiver, type TestReceiver } from './otlp-fixture.ts'

let receiver: TestReceiver

beforeEach(async () => {
  receiver = await startTestReceiver()
})

afterEach(async () => {
  await receiver.close()
})

const resource = resourceFromAttributes({
  'service.name': 'shop',
  'service.instance.id': 'pod-7',
  'host.name': 'n1',
})

function traces(exporter: SpanExporter): BasicTracerProvider {
  return new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] })
}

describe.each([
  ['protobuf', (url: string) => new ProtoTraceExporter({ url: `${url}/v1/traces` })],
  ['JSON', (url: string) => new JsonTraceExporter({ url: `${url}/v1/traces` })],
] as const)('trace exporter, %s', (_, exporterOf) => {
  test('an inference becomes a call; a tool does not', async () => {
    const provider = traces(exporterOf(receiver.url))
    const tracer = provider.getTracer('shop', '1.0')
    const startedAtMs = Date.now() - 5_000
    const span = tracer.startSpan('chat a', {
      kind: SpanKind.CLIENT,
      startTime: startedAtMs,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'vllm',
        'gen_ai.request.model': 'a',
        'gen_ai.response.model': 'a-2026',
        'gen_ai.response.id': 'chatcmpl-1',
        'gen_ai.usage.input_tokens': 120,
        'gen_ai.usage.output_tokens': 21,
        'gen_ai.usage.cache_read.input_tokens': 100,
        'gen_ai.request.stream': true,
        'gen_ai.response.time_to_first_chunk': 0.5,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.prompt.name': 'greeting',
        'gen_ai.workflow.name': 'checkout',
        'tenant.id': 'acme',
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: 'Mail me at jane@example.com' }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [{ type: 'text', content: 'Hello!' }],
            finish_reason: 'stop',
          },
        ]),
      },
    })
    span.addEvent('gen_ai.evaluation.result', {
      'gen_ai.evaluation.name': 'Relevance',
      'gen_ai.evaluation.score.value': 0.75,
      'gen_ai.evaluation.explanation': 'on topic',
    })
    span.end(startedAtMs + 2_500)
    tracer
      .startSpan('execute_tool', { attributes: { 'gen_ai.operation.name': 'execute_tool' } })
      .end()
    await provider.forceFlush()
    await provider.shutdown()

    const { traceId, spanId } = span.spanContext()
    expect(receiver.accepted.calls).toEqual([
      {
        project: 'p',
        callId: `${traceId}:${spanId}`,
        traceId,
        spanId,
        startedAtMs,
        model: 'a',
        component: 'a',
        copy: '',
        route: 'checkout',
        tenant: 'acme',
        operation: 'chat',
        streaming: true,
        status: 200,
        outcome: 'success',
        errorType: '',
        errorMessage: '',
        finishReason: 'stop',
        queueSeconds: null,
        ttftSeconds: 0.5,
        tpotSeconds: 0.1,
        totalSeconds: 2.5,
        promptTokens: 120,
        cachedTokens: 100,
        completionTokens: 21,
        usageSource: 'upstream',
        modelVersion: 'a-2026',
        engineVersion: '',
        promptTemplate: 'greeting',
        promptVersion: '',
        samplingProbability: 1,
        sampled: true,
        prompt: '[{"role":"user","content":"Mail me at [redacted:email]"}]',
        answer: 'Hello!',
        attributes: { provider: 'vllm', service: 'shop', response_id: 'chatcmpl-1' },
        machine: {
          gpuIds: [],
          requestsRunning: null,
          requestsWaiting: null,
          kvCacheUsage: null,
          gpuDuty: null,
          gpuTemperatureCelsius: null,
        },
      },
    ])
    expect(receiver.accepted.scores).toMatchObject([
      {
        callId: `${traceId}:${spanId}`,
        model: 'a',
        callStartedAtMs: startedAtMs,
        evaluator: 'Relevance',
        dimension: 'relevance',
        value: 0.75,
        outcome: 'scored',
        reason: 'on topic',
      },
    ])
  })

  test('a failed inference says how it failed', async () => {
    const provider = traces(exporterOf(receiver.url))
    const span = provider.getTracer('shop').startSpan('chat other-model', {
      attributes: { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'other-model' },
    })
    span.recordException(Object.assign(new Error('slow down, jane@example.com'), { code: 429 }))
    span.setAttribute('error.type', 'RateLimitError')
    span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    await provider.forceFlush()
    await provider.shutdown()
    expect(receiver.accepted.calls).toMatchObject([
      {
        model: 'other-model',
        component: '',
        outcome: 'rejected',
        status: 0,
        errorType: 'RateLimitError',
        errorMessage: 'slow down, [redacted:email]',
        usageSource: 'none',
        promptTokens: null,
      },
    ])
  })
})

describe('log exporter, protobuf', () => {
  test('text and verdict come before their span and join it', async () => {
    const tracing = traces(new ProtoTraceExporter({ url: `${receiver.url}/v1/traces` }))
    const logging = new LoggerProvider({
      resource,
      processors: [
        new BatchLogRecordProcessor({
          exporter: new OTLPLogExporter({ url: `${receiver.url}/v1/logs` }),
        }),
      ],
    })
    const span = tracing.getTracer('shop').startSpan('chat b', {
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'b' },
    })
    const context = trace.setSpan(ROOT_CONTEXT, span)
    const logger = logging.getLogger('shop')
    logger.emit({
      context,
      eventName: 'gen_ai.client.inference.operation.details',
      attributes: {
        'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'Why?' }] }],
        'gen_ai.output.messages': [
          {
            role: 'assistant',
            parts: [{ type: 'text', content: 'Because.' }],
            finish_reason: 'stop',
          },
        ],
      },
    })
    logger.emit({
      context,
      eventName: 'gen_ai.evaluation.result',
      attributes: {
        'gen_ai.evaluation.name': 'correctness',
        'gen_ai.evaluation.score.label': 'fail',
      },
    })
    logger.emit({ body: 'an ordinary line' })
    await logging.forceFlush()
    expect(receiver.accepted.scores).toEqual([])
    span.end()
    await tracing.forceFlush()
    expect(receiver.accepted.calls).toMatchObject([
      {
        model: 'b',
        prompt: '[{"role":"user","content":"Why?"}]',
        answer: 'Because.',
        finishReason: 'stop',
      },
    ])
    expect(receiver.accepted.scores).toMatchObject([
      { model: 'b', dimension: 'accuracy', value: 0, label: 'fail', outcome: 'scored' },
    ])
    logger.emit({
      context,
      eventName: 'gen_ai.evaluation.result',
      attributes: { 'gen_ai.evaluation.name': 'late', 'gen_ai.evaluation.score.value': 1 },
    })
    await logging.forceFlush()
    expect(receiver.accepted.scores).toMatchObject([
      {},
      { evaluator: 'late', model: 'b', value: 1 },
    ])
    await Promise.all([tracing.shutdown(), logging.shutdown()])
  })
})

const meters = (exporter: PushMetricExporter) =>
  new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
    views: [
      {
        instrumentName: 'exponential',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
      },
    ],
  })

const named = (metric: string) =>
  receiver.accepted.samples
    .filter((sample) => sample.series.metric === metric)
    .map(({ value, series }) => [value, series.dimensions])

describe.each([
  [
    'protobuf',
    (url: string, temporalityPreference: AggregationTemporalityPreference) =>
      new ProtoMetricExporter({ url: `${url}/v1/metrics`, temporalityPreference }),
  ],
  [
    'JSON',
    (url: string, temporalityPreference: AggregationTemporalityPreference) =>
      new JsonMetricExporter({ url: `${url}/v1/metrics`, temporalityPreference }),
  ],
] as const)('metric exporter, %s', (_, exporterOf) => {
  test('cumulative: gauges, counters and histograms under canonical names', async () => {
    const exporter = exporterOf(receiver.url, AggregationTemporalityPreference.CUMULATIVE)
    const provider = meters(exporter)
    const meter = provider.getMeter('shop')
    meter.createGauge('hw.gpu.utilization', { unit: '1' }).record(0.5, { 'hw.id': '2' })
    meter.createCounter('orders', { unit: '{order}' }).add(3, { shop: 'north' })
    meter
      .createHistogram('gen_ai.server.time_to_first_token', {
        unit: 's',
        advice: { explicitBucketBoundaries: [0.1, 1] },
      })
      .record(0.25, { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'a' })
    await provider.shutdown()

    expect(named('gpu.duty')).toEqual([
      [0.5, { component: 'b', copy: 'b-1', node: 'n1', gpu: 'n1/2' }],
    ])
    expect(named('orders')).toEqual([[3, { service: 'shop', instance: 'pod-7', shop: 'north' }]])
    const dimensions = { component: 'a', service: 'shop', instance: 'pod-7', operation: 'chat' }
    expect(named('lat.ttft_sum')).toEqual([[0.25, dimensions]])
    expect(named('lat.ttft_count')).toEqual([[1, dimensions]])
    expect(named('lat.ttft_bucket')).toEqual([
      [0, { ...dimensions, le: '0.1' }],
      [1, { ...dimensions, le: '1' }],
      [1, { ...dimensions, le: '+Inf' }],
    ])
    const spaces = new Map(
      receiver.accepted.samples.map(({ series }) => [series.metric, series.namespace]),
    )
    expect(spaces.get('gpu.duty')).toBe('/aws/sagemaker/InferenceComponents/b')
    expect(spaces.get('lat.ttft_sum')).toBe('/aws/sagemaker/InferenceComponents/a')
    expect(spaces.get('orders')).toBe('/opentelemetry/shop')
  })

  test('delta becomes a total that grew from zero', async () => {
    const exporter = exporterOf(receiver.url, AggregationTemporalityPreference.DELTA)
    const provider = meters(exporter)
    const counter = provider.getMeter('shop').createCounter('orders')
    counter.add(3)
    await provider.forceFlush()
    counter.add(4)
    await provider.forceFlush()
    await provider.shutdown()
    const values = receiver.accepted.samples.map((sample) => sample.value)
    expect(values).toEqual([0, 3, 7])
    const times = receiver.accepted.samples.map((sample) => sample.timeMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('an exponential histogram keeps every bucket', async () => {
    const exporter = exporterOf(receiver.url, AggregationTemporalityPreference.CUMULATIVE)
    const provider = meters(exporter)
    const histogram = provider.getMeter('shop').createHistogram('exponential')
    const values = [0, 0.003, 0.5, 0.5, 17, 40_000]
    for (const value of values) histogram.record(value)
    await provider.shutdown()
    const buckets = named('exponential_exponential')
    expect(named('exponential_count')[0]?.[0]).toBe(values.length)
    expect(buckets.reduce((total, [count]) => total + Number(count), 0)).toBe(values.length)
    for (const value of values) {
      const holds = buckets.some(([, dimensions]) => isWithin(value, Object(dimensions)))
      expect([value, holds]).toEqual([value, true])
    }
  })
})

function isWithin(value: number, { scale, bucket }: { scale: string; bucket: string }): boolean {
  if (bucket === 'zero') return value === 0
  const base = 2 ** (2 ** -Number(scale))
  const index = Number(bucket)
  // Bounds are computed in another way than the SDK does: a rounding either side.
  return value > base ** index * (1 - 1e-9) && value <= base ** (index + 1) * (1 + 1e-9)
}
