// Programs that trace themselves: the official OpenAI SDK under OpenInference's and OpenLLMetry's instrumentation, real
// calls to a model server, spans by the official exporters to the real program.
import { OpenAIInstrumentation as OpenInference } from '@arizeai/openinference-instrumentation-openai'
import { context, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api'
import type { Context, ContextManager, Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { OpenAIInstrumentation as OpenLlmetry } from '@traceloop/instrumentation-openai'
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { engineDefaults } from '../src/lab/engine.ts'
import { startModelServer, type ModelServer } from '../src/lab/model-server.ts'
import { queried } from './queried.ts'
import { eventually, runProgram, type RunningProgram } from './running-program.ts'

const model = 'lab-model'

let directory: string
let models: ModelServer
let up: RunningProgram
let api: string
let otlp: string
let gateway: string

beforeAll(async () => {
  context.setGlobalContextManager(asyncContexts())
  models = await startModelServer({
    component: model,
    model,
    port: 0,
    engine: { ...engineDefaults, speed: 50 },
    profile: {
      accuracy: 1,
      safety: 1,
      grounding: 1,
      relevance: 1,
      guidelines: 1,
      unsafeShare: 0,
    },
    seed: 1,
  })
  directory = await mkdtemp(join(tmpdir(), 'equipoise-instrumentation-'))
  await writeFile(
    join(directory, 'equipoise.yaml'),
    `dataDirectory: ${join(directory, 'data')}
server: { port: 0, otlpGrpc: { port: 0 } }
gateway: { port: 0, sampling: 100%, capture: all }
fleet:
  nodes: [{ name: n1, accelerators: { model: NVIDIA L4, count: 1, memoryGiB: 24 }, price: { perHour: 1 $/h, source: a test, date: 2026-01-01 } }]
  components:
    - name: ${model}
      model: ${model}
      copies: [{ id: c1, url: "${models.url}", node: n1, gpus: [0] }]
`,
  )
  up = runProgram(['up', '-c', join(directory, 'equipoise.yaml')])
  api = (await up.line(/page +(http:\S+)/))[1] ?? ''
  gateway = (await up.line(/gateway +(http:\S+)\/v1 /))[1] ?? ''
  otlp = (await up.line(/otlp +(http:\S+) /))[1] ?? ''
}, 120_000)

afterAll(async () => {
  context.disable()
  await up.end()
  await models.close()
  await rm(directory, { recursive: true, force: true })
})

const rows = async (sql: string) => await queried(api, sql)

let provider: BasicTracerProvider

beforeEach(() => {
  provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new BatchSpanProcessor(new ProtoExporter({ url: `${api}/v1/traces` }))],
  })
})

afterEach(async () => {
  await provider.shutdown()
})

const kinds = {
  OpenInference: () => {
    const instrumentation = new OpenInference({ tracerProvider: provider })
    instrumentation.manuallyInstrument(OpenAI)
    return instrumentation
  },
  OpenLLMetry: () => {
    const instrumentation = new OpenLlmetry()
    instrumentation.setTracerProvider(provider)
    instrumentation.manuallyInstrument(OpenAI)
    return { disable: () => unwrapped(instrumentation) }
  },
} as const

const { prototype } = OpenAI.Chat.Completions
const original = Object.getOwnPropertyDescriptor(prototype, 'create') ?? {}

/** OpenLLMetry takes back only what it patched on loading, not by hand. */
function unwrapped(instrumentation: OpenLlmetry): void {
  instrumentation.disable()
  Object.defineProperty(prototype, 'create', original)
}

interface Said {
  readonly content: string
  readonly id: string
}

/** Runs a call of the SDK to its end. */
async function ask(baseURL: string, question: string, stream: boolean, options: object = {}) {
  const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: 'none', ...options })
  const body = { model, max_tokens: 16, messages: [{ role: 'user' as const, content: question }] }
  if (!stream) {
    const { id, choices } = await client.chat.completions.create({ ...body })
    return { id, content: choices[0]?.message.content ?? '' } satisfies Said
  }
  const said = { id: '', content: '' }
  const chunks = await client.chat.completions.create({ ...body, stream })
  for await (const chunk of chunks) {
    said.id = chunk.id
    said.content += chunk.choices[0]?.delta.content ?? ''
  }
  return said
}

/** The rows of a question, once all that was exported and all that the gateway recorded is in the store. */
async function callsOf(question: string, how: string) {
  await settled()
  return await rows(
    `SELECT model, operation, streaming, outcome, prompt_tokens, completion_tokens, usage_source, finish_reason,
       prompt, answer, attributes['response_id'], trace_id != '' AND span_id != '', call_id = trace_id || ':' || span_id
     FROM calls WHERE prompt LIKE '%${question}%' ${how}`,
  )
}

let markers = 0

/** Everything that was sent before a marker is in the store once the marker is, by each of the two ways. */
async function settled(): Promise<void> {
  markers += 1
  const name = `marker-${markers}`
  await provider.forceFlush()
  await ask(gateway, name, false)
  const marking = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new GrpcExporter({ url: otlp }))],
  })
  marking
    .getTracer('test')
    .startSpan(name, { attributes: { 'gen_ai.request.model': name } })
    .end()
  await marking.shutdown()
  await eventually(`the marker ${name}`, async () => {
    const [[count] = []] = await rows(
      `SELECT count() FROM calls WHERE model = '${name}' OR prompt LIKE '%${name}"%'`,
    )
    return Number(count) >= 2 ? count : undefined
  })
}

describe.each(['OpenInference', 'OpenLLMetry'] as const)('%s', (kind) => {
  test.each([
    ['an answer at once', false],
    ['a stream', true],
  ])(
    'a call to the model server, %s',
    async (_, stream) => {
      const question = `Why is the sky blue, ${kind} ${stream}?`
      const instrumentation = kinds[kind]()
      const said = await ask(models.url, question, stream)
      instrumentation.disable()
      const calls = await callsOf(question, '')
      expect(calls).toHaveLength(1)
      const [call = []] = calls
      const [asked, operation, , outcome, promptTokens, completionTokens, source, finish] = call
      expect([asked, operation, outcome]).toEqual([model, 'chat', 'success'])
      expect(JSON.parse(String(call[8]))).toEqual([{ role: 'user', content: question }])
      expect(call[9]).toBe(said.content)
      expect(call.slice(11)).toEqual([1, 1])
      expect(finish).toMatch(/^(stop|length)$/)
      if (kind === 'OpenLLMetry' || !stream) expect(call[10]).toBe(said.id)
      if (stream) {
        // Neither asks for usage, so there is none: absent, not zero.
        expect([promptTokens, completionTokens, source]).toEqual([null, null, 'none'])
      } else {
        expect(promptTokens).toBeGreaterThan(0)
        expect(completionTokens).toBeGreaterThan(0)
        expect(source).toBe('upstream')
      }
    },
    120_000,
  )
})

describe('a call through the gateway is one call', () => {
  test.each([
    ['OpenLLMetry', false],
    ['OpenLLMetry', true],
    ['OpenInference', false],
  ] as const)(
    'by the id of the answer: %s, stream: %s',
    async (kind, stream) => {
      const question = `Why is grass green, ${kind} ${stream}?`
      const instrumentation = kinds[kind]()
      await ask(gateway, question, stream)
      instrumentation.disable()
      const calls = await callsOf(question, '')
      expect(calls).toHaveLength(1)
      // The gateway's own record, with the engine's own count of tokens.
      expect(calls[0]?.slice(6, 7)).toEqual(['upstream'])
      expect(calls[0]?.[12]).toBe(0)
    },
    120_000,
  )

  test('by the trace that the client passes on', async () => {
    const question = 'Why is snow white?'
    const instrumentation = kinds.OpenInference()
    await ask(gateway, question, true, { fetch: tracedFetch(provider.getTracer('undici')) })
    instrumentation.disable()
    const calls = await callsOf(question, '')
    expect(calls).toHaveLength(1)
    expect(calls[0]?.[12]).toBe(0)
  }, 120_000)
})

test('two instrumentations of one call make one call', async () => {
  const question = 'Why is coal black?'
  const inner = kinds.OpenLLMetry()
  const outer = kinds.OpenInference()
  await ask(models.url, question, false)
  outer.disable()
  inner.disable()
  expect(await callsOf(question, '')).toHaveLength(1)
}, 120_000)

/** As instrumentations of HTTP clients do: a span of its own for the request, passed on as `traceparent`. */
function tracedFetch(tracer: Tracer): typeof fetch {
  return async (input, init) => {
    const span = tracer.startSpan('POST', { kind: SpanKind.CLIENT })
    const { traceId, spanId } = span.spanContext()
    const headers = new Headers(init?.headers)
    headers.set('traceparent', `00-${traceId}-${spanId}-01`)
    try {
      return await fetch(input, { ...init, headers })
    } finally {
      span.end()
    }
  }
}

/** Active contexts that follow asynchronous calls; the packages that bring one are not installed. */
function asyncContexts(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...args) => storage.run(active, () => run.call(self, ...args)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
