// Clients that speak OTLP through the official exporters.
import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, ValueType } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs'
import {
  AggregationTemporality,
  DataPointType,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { Refused, noAnswerRestMs, type Delivery, type MakeBatch } from './client.ts'
import { momentOf } from './row-clients.ts'

const resource = resourceFromAttributes({ 'service.name': 'chaos', 'service.instance.id': 'otlp' })

const idle = { forceFlush: () => Promise.resolve(), shutdown: () => Promise.resolve() }

/** Inferences as spans. */
export function traceClient(url: string, batchSize: number): MakeBatch {
  const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces`, timeoutMillis })
  const ended: ReadableSpan[] = []
  const keep = {
    onStart: () => undefined,
    onEnd: (span: ReadableSpan) => void ended.push(span),
    ...idle,
  }
  const tracer = new BasicTracerProvider({ resource, spanProcessors: [keep] }).getTracer('chaos')
  return (n) => {
    for (let row = 0; row < batchSize; row += 1) {
      const startTime = momentOf(n, row)
      const attributes = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': `traced-${row % 3}`,
        'gen_ai.usage.input_tokens': n,
        'gen_ai.usage.output_tokens': row,
      }
      tracer
        .startSpan('chat', { kind: SpanKind.CLIENT, startTime, attributes })
        .end(startTime + 1_500)
    }
    const spans = ended.splice(0)
    const keys = spans.map((span) => `${span.spanContext().traceId}:${span.spanContext().spanId}`)
    return {
      kind: 'calls',
      keys,
      send: async () => await exported((done) => exporter.export(spans, done)),
    }
  }
}

/** Verdicts as log records that name the model of their call. */
export function evaluationClient(url: string, batchSize: number): MakeBatch {
  const exporter = new OTLPLogExporter({ url: `${url}/v1/logs`, timeoutMillis })
  const emitted: ReadableLogRecord[] = []
  const keep = { onEmit: (record: ReadableLogRecord) => void emitted.push(record), ...idle }
  const logger = new LoggerProvider({ resource, processors: [keep] }).getLogger('chaos')
  return (n) => {
    const keys: string[] = []
    for (let row = 0; row < batchSize; row += 1) {
      const context = {
        traceId: `e${String(n).padStart(15, '0')}${String(row).padStart(16, '0')}`,
        spanId: `e${String(row).padStart(15, '0')}`,
        traceFlags: TraceFlags.SAMPLED,
      }
      logger.emit({
        context: trace.setSpanContext(ROOT_CONTEXT, context),
        timestamp: momentOf(n, row),
        eventName: 'gen_ai.evaluation.result',
        attributes: {
          'gen_ai.evaluation.name': 'helpfulness',
          'gen_ai.evaluation.score.value': (row % 5) / 4,
          'gen_ai.request.model': `evaluated-${row % 3}`,
        },
      })
      keys.push(`${context.traceId}:${context.spanId} helpfulness`)
    }
    const records = emitted.splice(0)
    return {
      kind: 'scores',
      keys,
      send: async () => await exported((done) => exporter.export(records, done)),
    }
  }
}

/** One reading each of many gauges. */
export function metricClient(url: string, seriesCount: number): MakeBatch {
  const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics`, timeoutMillis })
  return (n) => {
    const timeMs = momentOf(n, 0)
    const time: [number, number] = [Math.floor(timeMs / 1_000), (timeMs % 1_000) * 1e6]
    const names = Array.from({ length: seriesCount }, (_, index) => `otlp-${index}`)
    const metrics: ResourceMetrics = {
      resource,
      scopeMetrics: [
        {
          scope: { name: 'chaos' },
          metrics: [
            {
              descriptor: { name: 'chaos', description: '', unit: '', valueType: ValueType.INT },
              aggregationTemporality: AggregationTemporality.CUMULATIVE,
              dataPointType: DataPointType.GAUGE,
              dataPoints: names.map((chaos) => ({
                startTime: time,
                endTime: time,
                attributes: { chaos },
                value: n,
              })),
            },
          ],
        },
      ],
    }
    return {
      kind: 'samples',
      keys: names.map((chaos) => `${chaos} ${timeMs} ${n}`),
      // The package is there twice, in two versions, whose enums are the same but not in the compiler's eyes.
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- as above
      send: async () => await exported((done) => exporter.export(metrics, done)),
    }
  }
}

/** As the exporters have it by themselves. */
const timeoutMillis = 10_000

interface ExportResult {
  readonly code: number
  readonly error?: Error | undefined
}

async function exported(run: (done: (result: ExportResult) => void) => void): Promise<Delivery> {
  const { code, error } = await new Promise<ExportResult>((resolve) => run(resolve))
  if (code === 0) return { kind: 'acknowledged' }
  const status = error !== undefined && 'code' in error ? Number(error.code) : Number.NaN
  const isFinal = status >= 400 && status < 500 && status !== 429
  if (isFinal) throw new Refused(`an export was refused with ${status}: ${String(error)}`)
  // After its own tries the exporter says only that the answers asked for another.
  const isPutOff = /retryable status/i.test(error?.message ?? '')
  return {
    kind: 'again',
    status: isPutOff ? 503 : null,
    afterMs: isPutOff ? 1_000 : noAnswerRestMs,
  }
}
