// The official exporters of OpenTelemetry over gRPC against the real program.
import { Metadata } from '@grpc/grpc-js'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listeningPort } from './listening-port.ts'
import { eventually, runProgram, runToEnd, type RunningProgram } from './running-program.ts'
import { queried } from './queried.ts'

const token = 'only-writes-0123456789'
const admin = 'may-do-all-0123456789'

let directory: string
let up: RunningProgram
let api: string
let otlp: string

const configOf = (port: number, data: string) => `dataDirectory: ${data}
server:
  port: 0
  otlpGrpc: { port: ${port} }
  tokens:
    - { name: collector, role: ingest, token: ${token} }
    - { name: me, role: admin, token: ${admin} }
gateway: { enabled: false }
`

beforeAll(async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip')
  directory = await mkdtemp(join(tmpdir(), 'equipoise-otlp-grpc-'))
  const file = join(directory, 'equipoise.yaml')
  await writeFile(file, configOf(0, join(directory, 'data')))
  up = runProgram(['up', '-c', file])
  api = (await up.line(/page +(http:\S+)/))[1] ?? ''
  otlp = (await up.line(/otlp +(http:\S+)  \(OTLP over gRPC\)/))[1] ?? ''
}, 120_000)

afterAll(async () => {
  vi.unstubAllEnvs()
  await up.end()
  await rm(directory, { recursive: true, force: true })
})

const resource = resourceFromAttributes({ 'service.name': 'shop', 'service.instance.id': 'i-1' })

function exporterOptions(bearer = token) {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${bearer}`)
  return { url: otlp, metadata }
}

const rows = async (sql: string) => await queried(api, sql, admin)

test('a span, its text by log, a verdict and metrics are in the store', async () => {
  const tracing = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(exporterOptions()))],
  })
  const logging = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(exporterOptions()) })],
  })
  const metering = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(exporterOptions()),
        exportIntervalMillis: 3_600_000,
      }),
    ],
  })
  metering.getMeter('shop').createCounter('orders').add(3)
  const span = tracing.getTracer('shop').startSpan('chat mistral', {
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'mistral',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 3,
    },
  })
  const logger = logging.getLogger('shop')
  const context = trace.setSpan(ROOT_CONTEXT, span)
  logger.emit({
    context,
    eventName: 'gen_ai.client.inference.operation.details',
    attributes: {
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'Why?' }] }],
      'gen_ai.output.messages': [
        { role: 'assistant', parts: [{ type: 'text', content: 'So.' }], finish_reason: 'stop' },
      ],
    },
  })
  logger.emit({
    context,
    eventName: 'gen_ai.evaluation.result',
    attributes: { 'gen_ai.evaluation.name': 'Relevance', 'gen_ai.evaluation.score.value': 0.5 },
  })
  await logging.forceFlush()
  span.end()
  await Promise.all([tracing.forceFlush(), metering.forceFlush()])
  await Promise.all([tracing.shutdown(), logging.shutdown(), metering.shutdown()])

  const { traceId, spanId } = span.spanContext()
  const calls = await eventually('the call', async () => {
    const found = await rows(
      `SELECT call_id, model, prompt_tokens, completion_tokens, prompt, answer, finish_reason FROM calls`,
    )
    return found.length > 0 ? found : undefined
  })
  expect(calls).toEqual([
    [`${traceId}:${spanId}`, 'mistral', 12, 3, '[{"role":"user","content":"Why?"}]', 'So.', 'stop'],
  ])
  const scores = await eventually('the score', async () => {
    const found = await rows(`SELECT evaluator, value FROM scores WHERE call_id != ''`)
    return found.length > 0 ? found : undefined
  })
  expect(scores).toEqual([['Relevance', 0.5]])
  const orders = await eventually('the metric', async () => {
    const found = await rows(
      `SELECT DISTINCT value FROM samples WHERE series_id IN (SELECT series_id FROM series WHERE metric = 'orders')`,
    )
    return found.length > 0 ? found : undefined
  })
  expect(orders).toEqual([[3]])
}, 120_000)

test('a port that is taken stops the start with a sentence', async () => {
  const other = createServer()
  const port = await listeningPort(other)
  const file = join(directory, 'taken.yaml')
  await writeFile(file, configOf(port, join(directory, 'other-data')))
  const { code, output } = await runToEnd(['up', '-c', file])
  other.close()
  expect(code).toBe(2)
  expect(output).toContain(`port ${port} on 127.0.0.1 is taken by another program`)
  expect(output).toContain('set server.otlpGrpc.port to a free port')
  expect(output).not.toContain('No address added')
}, 120_000)

test('a stop is clean with a client still connected', async () => {
  const file = join(directory, 'stopped.yaml')
  await writeFile(file, configOf(0, join(directory, 'stopped-data')))
  const program = runProgram(['up', '-c', file])
  const session = connect((await program.line(/otlp +(http:\S+)/))[1] ?? '')
  await once(session, 'connect')
  expect(await program.end()).toBe(0)
  session.destroy()
}, 120_000)
