// Requests of the official exporters, damaged: each is taken in part or refused, and nothing else happens.
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UserError } from '../../records/failure.ts'
import { createTestOtlp, testSettings } from './test-receiver.ts'
import type { Signal } from './wire/export-answer.ts'
import type { Encoding } from './wire/export-request.ts'

interface Seed {
  readonly signal: Signal
  readonly encoding: Encoding
  readonly bytes: Buffer
}

const seeds: Seed[] = []
let server: Server

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const encoding = request.headers['content-type'] === 'application/json' ? 'json' : 'protobuf'
      const signal = signals.find((one) => request.url === `/v1/${one}`)
      if (signal !== undefined) seeds.push({ signal, encoding, bytes: Buffer.concat(chunks) })
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  await exportAll(`http://127.0.0.1:${address.port}/v1`)
})

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
})

const signals: readonly Signal[] = ['traces', 'metrics', 'logs']

async function exportAll(url: string): Promise<void> {
  for (const exporter of [OTLPTraceExporter, JsonTraceExporter]) {
    const provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(new exporter({ url: `${url}/traces` }))],
    })
    const span = provider.getTracer('t').startSpan('chat a', {
      attributes: {
        'gen_ai.request.model': 'llama-3',
        'gen_ai.usage.input_tokens': 7,
        'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Why?"}]}]',
      },
    })
    span.addEvent('gen_ai.evaluation.result', { 'gen_ai.evaluation.name': 'x' })
    span.end()
    await provider.shutdown()
  }
  for (const exporter of [OTLPMetricExporter, JsonMetricExporter]) {
    const provider = new MeterProvider({
      readers: [
        new PeriodicExportingMetricReader({
          exporter: new exporter({ url: `${url}/metrics` }),
          exportIntervalMillis: 3_600_000,
        }),
      ],
      views: [
        {
          instrumentName: 'exponential',
          aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
        },
      ],
    })
    const meter = provider.getMeter('m')
    meter.createGauge('hw.gpu.utilization').record(0.5, { 'hw.id': '0' })
    meter.createCounter('orders').add(3, { shop: 'north' })
    meter.createHistogram('gen_ai.server.request.duration').record(0.3)
    meter.createHistogram('exponential').record(0.3)
    await provider.shutdown()
  }
  const provider = new LoggerProvider({
    processors: [
      new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}/logs` }) }),
    ],
  })
  provider.getLogger('l').emit({
    eventName: 'gen_ai.evaluation.result',
    body: { nested: [1, { deep: true }] },
    attributes: { 'gen_ai.evaluation.name': 'x', 'gen_ai.request.model': 'llama-3' },
  })
  await provider.shutdown()
}

/** Repeatable: mulberry32. */
function createDice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

/** Bytes changed, cut out, doubled or cut off. */
function damaged(bytes: Buffer, dice: (sides: number) => number): Buffer {
  let damage = Buffer.from(bytes)
  for (let times = dice(4); times >= 0; times -= 1) {
    const at = dice(damage.length || 1)
    const size = dice(12)
    const kind = dice(5)
    if (kind === 0) damage = damage.subarray(0, at)
    else if (kind === 1)
      damage = Buffer.concat([damage.subarray(0, at), damage.subarray(at + size)])
    else if (kind === 2)
      damage = Buffer.concat([damage.subarray(0, at + size), damage.subarray(at)])
    else if (at < damage.length) damage.writeUInt8(kind === 3 ? dice(256) : 0xff, at)
  }
  return damage
}

test('5,000 damaged requests: taken in part or refused with a reason', async () => {
  expect(seeds.map(({ signal, encoding }) => `${signal} ${encoding}`).toSorted()).toEqual([
    'logs protobuf',
    'metrics json',
    'metrics protobuf',
    'traces json',
    'traces protobuf',
  ])
  const nowMs = Date.now()
  const otlp = createTestOtlp({ settings: { ...testSettings, nowMs } })
  const ends = { taken: 0, rejectedSome: 0, refused: 0 }
  const dice = createDice(20_260_731)
  for (let run = 0; run < 5_000; run += 1) {
    const seed = seeds[run % seeds.length]
    if (seed === undefined) throw new Error('no seed')
    const bytes = damaged(seed.bytes, dice)
    try {
      const { rejected } = await otlp.receiver.receive(seed.signal, seed.encoding, bytes)
      if (rejected > 0) ends.rejectedSome += 1
      else ends.taken += 1
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      ends.refused += 1
    }
  }
  expect(Math.min(...Object.values(ends))).toBeGreaterThan(50)
  const times = [
    ...otlp.calls.map((call) => call.startedAtMs),
    ...otlp.scores.map((score) => score.callStartedAtMs),
    ...otlp.samples.map((sample) => sample.timeMs),
  ]
  // Tables are parted by month: a wild time would make one of its own.
  expect(times.every((time) => Math.abs(time - nowMs) < 367 * 86_400_000)).toBe(true)
})
