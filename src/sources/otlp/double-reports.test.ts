// One inference that is reported more than once is one call, whatever the order and the batches.
import { describe, expect, test } from 'vitest'
import { createTestOtlp, spanOf, testTraceId, traceOf } from './test-receiver.ts'

const inference = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'llama-3' }
const outerId = 'aaaaaaaaaaaaaaaa'
const innerId = 'bbbbbbbbbbbbbbbb'
const requestId = 'cccccccccccccccc'
const outer = spanOf(inference, { spanId: outerId })
const inner = spanOf(inference, { spanId: innerId, parentSpanId: outerId })
const request = spanOf({}, { spanId: requestId, parentSpanId: innerId, kind: 3 })

async function spansOfCalls(
  batches: readonly (readonly object[])[],
  passed: readonly string[] = [],
): Promise<string[]> {
  const otlp = createTestOtlp({ passed })
  for (const batch of batches) await otlp.send('traces', traceOf(...batch))
  return otlp.calls.map((call) => call.spanId)
}

describe('an SDK inside a framework', () => {
  test.each([
    ['one batch: the outer one', [[outer, inner]], [outerId]],
    ['one batch, the other way round', [[inner, outer]], [outerId]],
    ['the inner one first', [[inner], [outer]], [innerId]],
    ['the outer one first', [[outer], [inner]], [outerId]],
    ['everything a second time', [[inner], [outer], [inner], [outer]], [innerId]],
  ] as const)('%s', async (_, batches, expected) => {
    expect(await spansOfCalls(batches)).toEqual(expected)
  })

  test('another kind of inference inside is one of its own', async () => {
    const embedding = spanOf(
      { ...inference, 'gen_ai.operation.name': 'embeddings' },
      { spanId: innerId, parentSpanId: outerId },
    )
    expect(await spansOfCalls([[embedding], [outer]])).toEqual([innerId, outerId])
  })

  test('an inference inside a tool of another is one of its own', async () => {
    const tool = spanOf(
      { 'gen_ai.operation.name': 'execute_tool' },
      { spanId: requestId, parentSpanId: outerId },
    )
    const nested = spanOf(inference, { spanId: innerId, parentSpanId: requestId })
    expect(await spansOfCalls([[nested], [tool], [outer]])).toEqual([innerId, outerId])
  })

  test('what could not be accepted does not stand in the way of the next try', async () => {
    const otlp = createTestOtlp()
    otlp.refuseNext()
    await expect(otlp.send('traces', traceOf(inner))).rejects.toThrow()
    await otlp.send('traces', traceOf(inner))
    expect(otlp.calls).toHaveLength(1)
  })
})

describe('what the gateway has recorded', () => {
  const byRequest = [`${testTraceId}:${requestId}`]

  test('by the span of the inference itself', async () => {
    expect(await spansOfCalls([[inner]], [`${testTraceId}:${innerId}`])).toEqual([])
  })

  test.each([
    ['in one batch', [[inner, request]]],
    ['in one batch, the other way round', [[request, inner]]],
    ['in an earlier batch', [[request], [inner]]],
  ])('by the request inside it, %s', async (_, batches) => {
    expect(await spansOfCalls(batches, byRequest)).toEqual([])
  })

  test('the framework around it is not a call either', async () => {
    expect(await spansOfCalls([[request, inner], [outer]], byRequest)).toEqual([])
    expect(await spansOfCalls([[request, inner, outer]], byRequest)).toEqual([])
  })

  test.each([
    [{ 'gen_ai.response.id': 'chatcmpl-1' }],
    [{ 'output.value': '{"id":"chatcmpl-1","object":"chat.completion"}' }],
  ])('by the id of the answer: %j', async (attributes) => {
    const span = spanOf({ ...inference, ...attributes })
    expect(await spansOfCalls([[span]], ['chatcmpl-1'])).toEqual([])
    expect(await spansOfCalls([[span]], ['chatcmpl-2'])).toHaveLength(1)
  })

  test('an output that only looks like an answer has no id', async () => {
    const span = spanOf({ ...inference, 'output.value': '{"id":"order-7"}' })
    expect(await spansOfCalls([[span]], ['order-7'])).toHaveLength(1)
  })
})
