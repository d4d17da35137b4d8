import { describe, expect, test } from 'vitest'
import { scoreOf } from './evaluation.ts'
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

const call = {
  callId: 'c',
  model: 'm',
  component: '',
  startedAtMs: testNowMs - 5_000,
  endedAtMs: testNowMs - 4_000,
}

const score = (name: string, attributes: Record<string, string | number>) =>
  scoreOf(
    {
      timeMs: testNowMs,
      attributes: new Map(
        Object.entries({
          'gen_ai.evaluation.name': name,
          ...Object.fromEntries(
            Object.entries(attributes).map(([key, value]) => [`gen_ai.evaluation.${key}`, value]),
          ),
        }),
      ),
    },
    call,
    testSettings,
  )

test.each<[string, Record<string, string | number>, number | null]>([
  ['Relevance', { 'score.value': 0.8 }, 0.8],
  ['Relevance', { 'score.label': 'Pass' }, 1],
  ['Relevance', { 'score.label': 'fail' }, 0],
  // A value on the other side of the label counts the bad.
  ['hallucination', { 'score.label': 'hallucinated', 'score.value': 1 }, 0],
  ['Correctness', { 'score.label': 'correct', 'score.value': 0.9 }, 0.9],
  ['toxicity', { 'score.label': 'yes' }, null],
  ['toxicity', { 'score.value': 0.1 }, null],
  ['Relevance', { 'score.value': 4 }, null],
  ['Relevance', {}, null],
])('%s with %j is %s', (name, attributes, value) => {
  const made = score(name, attributes)
  expect(made.value).toBe(value)
  expect(made.outcome).toBe(value === null ? 'skipped' : 'scored')
  expect(made.reason === '').toBe(value !== null)
})

test('a direction makes harm readable, and a failure is no score', () => {
  const attributes = new Map<string, Plain>([
    ['gen_ai.evaluation.name', 'toxicity'],
    ['gen_ai.evaluation.score.value', 0.25],
    ['equipoise.evaluation.direction', 'lower_is_better'],
  ])
  const made = scoreOf({ timeMs: testNowMs, attributes }, call, testSettings)
  expect(made).toMatchObject({ value: 0.75, dimension: 'safety', lagSeconds: 4 })
  attributes.set('error.type', 'timeout')
  expect(scoreOf({ timeMs: testNowMs, attributes }, call, testSettings)).toMatchObject({
    value: null,
    outcome: 'failed',
    reason: 'timeout',
  })
})

test.each([
  ['Faithfulness', 'groundedness'],
  ['answer_relevancy', 'relevance'],
  ['Tone of voice', 'tone_of_voice'],
  ['!', '_'],
])('%s feeds %s', (name, dimension) => {
  expect(score(name, { 'score.value': 1 }).dimension).toBe(dimension)
})

const evaluation = (attributes: Record<string, Plain> = {}, changes: object = {}) => ({
  traceId: testTraceId,
  spanId: testSpanId,
  timeUnixNano: nanos(testNowMs),
  eventName: 'gen_ai.evaluation.result',
  attributes: keyValues({
    'gen_ai.evaluation.name': 'Relevance',
    'gen_ai.evaluation.score.value': 1,
    ...attributes,
  }),
  ...changes,
})

const span = spanOf({ 'gen_ai.request.model': 'llama-3', 'gen_ai.response.id': 'r-1' })

describe('as log records', () => {
  test('a call that came lately is found, also by the id of its answer', async () => {
    const otlp = createTestOtlp()
    await otlp.send('traces', traceOf(span))
    await otlp.send(
      'logs',
      logsOf(
        evaluation(),
        evaluation(
          { 'gen_ai.response.id': 'r-1' },
          { traceId: '', spanId: '', timeUnixNano: nanos(testNowMs + 1) },
        ),
      ),
    )
    const callId = `${testTraceId}:${testSpanId}`
    expect(otlp.scores).toMatchObject([
      { callId, model: 'llama-3', component: 'llama', callStartedAtMs: testNowMs - 1_000 },
      { callId, scoredAtMs: testNowMs + 1 },
    ])
  })

  test('an older call is found in the store', async () => {
    const stored = [{ ...call, callId: `${testTraceId}:${testSpanId}` }]
    const otlp = createTestOtlp({ stored })
    await otlp.send('logs', logsOf(evaluation()))
    expect(otlp.scores).toMatchObject([{ model: 'm', callStartedAtMs: call.startedAtMs }])
  })

  test('before its span it waits, and comes once', async () => {
    const otlp = createTestOtlp()
    await otlp.send('logs', logsOf(evaluation()))
    expect(otlp.scores).toEqual([])
    await otlp.send('traces', traceOf(span))
    await otlp.send('traces', traceOf(span))
    await otlp.send('logs', logsOf(evaluation()))
    expect(otlp.scores).toHaveLength(1)
  })

  test('one that names the model need not wait', async () => {
    const otlp = createTestOtlp()
    await otlp.send('logs', logsOf(evaluation({ 'gen_ai.request.model': 'llama-3' })))
    expect(otlp.scores).toMatchObject([{ component: 'llama', callStartedAtMs: testNowMs }])
  })

  test.each([
    ['neither a span nor', evaluation({}, { traceId: '' })],
    ['no gen_ai.evaluation.name', evaluation({ 'gen_ai.evaluation.name': '' })],
    ['older than 366 days', evaluation({}, { timeUnixNano: '5000000' })],
  ])('rejected: %s', async (message, record) => {
    const otlp = createTestOtlp()
    const outcome = await otlp.send('logs', logsOf(record))
    expect(outcome.rejected).toBe(1)
    expect(outcome.message).toContain(message)
    expect(otlp.scores).toEqual([])
  })
})

test('OpenInference flattens them onto the span', async () => {
  const otlp = createTestOtlp()
  await otlp.send(
    'traces',
    traceOf(
      spanOf({
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'llama-3',
        'evaluations.0.evaluation.name': 'correctness',
        'evaluations.0.evaluation.label': 'correct',
        'annotations.0.annotation.name': 'helpfulness',
        'annotations.0.annotation.score': 0.5,
        'annotations.0.annotation.identifier': 'v3',
        'annotations.0.annotation.annotator_kind': 'LLM',
        'evaluations.0.evaluation.annotator_kind': 'HUMAN',
        'trace.evaluations.0.evaluation.name': 'correctness',
        'trace.evaluations.0.evaluation.score': 0.25,
        'session.evaluations.0.evaluation.name': 'tone',
        'session.evaluations.0.evaluation.score': 1,
      }),
    ),
  )
  expect(otlp.scores).toMatchObject([
    { evaluator: 'helpfulness', value: 0.5, evaluatorVersion: 'v3' },
    { evaluator: 'correctness', value: 1, dimension: 'accuracy', evaluatorVersion: 'human' },
    { evaluator: 'trace.correctness', value: 0.25, dimension: 'trace_accuracy' },
    { evaluator: 'session.tone', value: 1, dimension: 'session_tone' },
  ])
})
