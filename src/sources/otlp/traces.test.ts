import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDrawn } from '../../records/sampling.ts'
import { endingOf } from './span-ending.ts'
import { tokensOf } from './span-tokens.ts'
import {
  createTestOtlp,
  keyValues,
  logsOf,
  nanos,
  spanOf,
  testNowMs,
  testSettings,
  testSpanId,
  testTraceId,
  traceOf,
  type Plain,
} from './test-receiver.ts'
import type { Span } from './wire/trace-messages.ts'

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'llama-3' }

describe('what is a call', () => {
  test.each<[Readonly<Record<string, Plain>>, string | null]>([
    [chat, 'chat'],
    [{ ...chat, 'gen_ai.operation.name': 'text_completion' }, 'completion'],
    [{ ...chat, 'gen_ai.operation.name': 'embeddings' }, 'embedding'],
    [{ ...chat, 'gen_ai.operation.name': 'invoke_agent' }, null],
    [{ 'openinference.span.kind': 'EMBEDDING', 'embedding.model_name': 'e' }, 'embedding'],
    [{ 'openinference.span.kind': 'CHAIN', 'llm.model_name': 'x' }, null],
    [{ 'llm.request.type': 'completion', 'gen_ai.request.model': 'x' }, 'completion'],
    [{ 'traceloop.span.kind': 'workflow' }, null],
    [{ 'db.system': 'postgres' }, null],
  ])('%j is %s', async (attributes, operation) => {
    const otlp = createTestOtlp()
    const outcome = await otlp.send('traces', traceOf(spanOf(attributes)))
    expect(outcome).toEqual({ rejected: 0, message: '' })
    expect(otlp.calls.map((call) => call.operation)).toEqual(operation === null ? [] : [operation])
  })

  test('what our own gateway has recorded is not recorded again', async () => {
    const otlp = createTestOtlp()
    const seen = { ...chat, 'server.address': 'localhost', 'server.port': 4601 }
    const other = { ...seen, 'server.port': 4602 }
    await otlp.send('traces', traceOf(spanOf(seen), spanOf(other, { spanId: '1'.repeat(16) })))
    expect(otlp.calls.map((call) => call.spanId)).toEqual(['1'.repeat(16)])
  })

  test('of a span within a span of the same inference the outer counts', async () => {
    const otlp = createTestOtlp()
    const inner = { spanId: '1'.repeat(16), parentSpanId: testSpanId }
    const tool = { spanId: '2'.repeat(16), parentSpanId: testSpanId }
    await otlp.send(
      'traces',
      traceOf(
        spanOf(chat, inner),
        spanOf(chat),
        spanOf({ ...chat, 'gen_ai.operation.name': 'embeddings' }, tool),
      ),
    )
    expect(otlp.calls.map((call) => call.spanId)).toEqual([testSpanId, '2'.repeat(16)])
  })
})

test('an address of a copy places the call on it', async () => {
  const otlp = createTestOtlp()
  const at = { 'server.address': '10.0.0.9', 'server.port': 8000 }
  await otlp.send('traces', traceOf(spanOf({ ...chat, ...at })))
  expect(otlp.calls).toMatchObject([{ component: 'llama', copy: 'llama-1' }])
})

test('calls are drawn as the gateway draws them, and only drawn ones keep their text', async () => {
  const otlp = createTestOtlp()
  const ids = Array.from({ length: 40 }, (_, index) => `${index + 1}`.padStart(16, '0'))
  const attributes = {
    'gen_ai.request.model': 'elsewhere',
    'input.value': 'Why?',
    'output.value': 'So.',
  }
  await otlp.send('traces', traceOf(...ids.map((spanId) => spanOf(attributes, { spanId }))))
  const drawn = otlp.calls.filter((call) => call.sampled)
  expect(drawn.length).toBeGreaterThan(5)
  expect(drawn.length).toBeLessThan(35)
  for (const call of otlp.calls) {
    expect(call.samplingProbability).toBe(0.5)
    expect(call.sampled).toBe(isDrawn('p', call.callId, 0.5))
    expect([call.prompt, call.answer]).toEqual(call.sampled ? ['Why?', 'So.'] : ['', ''])
  }
})

test('text is bounded and redacted, attributes too', async () => {
  const otlp = createTestOtlp({ settings: { ...testSettings, captureSize: 40 } })
  await otlp.send(
    'traces',
    traceOf(
      spanOf({
        ...chat,
        'input.value': 'x'.repeat(30) + ' jane.doe@example.com',
        metadata: JSON.stringify({ reference: 'see bob@example.com', n: 5 }),
      }),
    ),
  )
  expect(otlp.calls).toMatchObject([
    {
      prompt: `${'x'.repeat(30)} [redacted`,
      attributes: { reference: 'see [redacted:email]', n: '5' },
    },
  ])
})

test.each([
  ['none', ''],
  ['all', 'Why?'],
] as const)('capture %s', async (capture, prompt) => {
  const otlp = createTestOtlp({ settings: { ...testSettings, capture, samplingOf: () => 0 } })
  await otlp.send('traces', traceOf(spanOf({ ...chat, 'input.value': 'Why?' })))
  expect(otlp.calls).toMatchObject([{ prompt, sampled: false }])
})

test('the same span twice is one call, in one request and over several', async () => {
  const otlp = createTestOtlp()
  const request = traceOf(spanOf(chat), spanOf(chat))
  await Promise.all([otlp.send('traces', request), otlp.send('traces', request)])
  await otlp.send('traces', request)
  expect(otlp.calls).toHaveLength(1)
})

test('text that comes after its span is said to be lost', async () => {
  const otlp = createTestOtlp()
  await otlp.send('traces', traceOf(spanOf(chat)))
  const late = {
    traceId: testTraceId,
    spanId: testSpanId,
    timeUnixNano: nanos(testNowMs),
    eventName: 'gen_ai.client.inference.operation.details',
    attributes: keyValues({ 'gen_ai.input.messages': '[]' }),
  }
  const outcome = await otlp.send('logs', logsOf(late))
  expect(outcome.rejected).toBe(0)
  expect(outcome.message).toContain('export logs first')
})

const emptySpan: Span = {
  traceId: '',
  spanId: '',
  parentSpanId: '',
  name: '',
  kind: 0,
  startTimeUnixNano: 0,
  endTimeUnixNano: 0,
  attributes: new Map(),
  events: [],
  status: null,
}

test.each<[Record<string, string | number>, number, string, number]>([
  [{}, 0, 'success', 200],
  [{}, 2, 'upstream_error', 0],
  [{ 'error.type': '429' }, 0, 'rejected', 429],
  [{ 'http.response.status_code': 503 }, 0, 'upstream_error', 503],
  [{ 'http.response.status_code': 400 }, 2, 'invalid_request', 400],
  [{ 'error.type': 'openai.APITimeoutError' }, 2, 'timeout', 0],
  [{ 'error.type': 'CancelledError' }, 2, 'client_cancelled', 499],
  [{ 'error.type': 'BadRequestError' }, 2, 'invalid_request', 0],
])('%j with code %d ends as %s, status %d', (attributes, code, outcome, status) => {
  const span = {
    ...emptySpan,
    attributes: new Map(Object.entries(attributes)),
    status: { code, message: '' },
  }
  expect(endingOf(span)).toMatchObject({ outcome, status })
})

test('cached tokens are never more than those of the prompt', () => {
  const count = fc.option(fc.nat(100_000))
  fc.assert(
    fc.property(count, count, count, (input, cached, written) => {
      const tokens = tokensOf(
        new Map(
          Object.entries({
            'gen_ai.usage.input_tokens': input,
            'gen_ai.usage.cache_read.input_tokens': cached,
            'gen_ai.usage.cache_creation.input_tokens': written,
          }),
        ),
      )
      expect(tokens.promptTokens === null).toBe(input === null)
      if (tokens.promptTokens !== null) {
        expect(tokens.promptTokens).toBeGreaterThanOrEqual(tokens.cachedTokens ?? 0)
      }
    }),
  )
})
