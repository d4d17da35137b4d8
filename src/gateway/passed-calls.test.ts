import { expect, test } from 'vitest'
import { createPassedCalls } from './passed-calls.ts'

const trace = { traceId: 'a1', parentSpanId: 'b2', spanId: 'c3', traceParent: '' }

test('a call is known by the span of its caller and by the id of its answer', () => {
  const passed = createPassedCalls()
  passed.addParent(trace)
  passed.addAnswer('chatcmpl-1')
  expect(passed.among(['a1:b2', 'a1:c3', 'chatcmpl-1', 'chatcmpl-2'])).toEqual([
    'a1:b2',
    'chatcmpl-1',
  ])
})

test('what nobody said is not a key', () => {
  const passed = createPassedCalls()
  passed.addParent({ ...trace, parentSpanId: '' })
  passed.addAnswer('')
  expect(passed.among(['', 'a1:'])).toEqual([])
})

test('the oldest are forgotten', () => {
  const passed = createPassedCalls(2)
  for (const id of ['1', '2', '3']) passed.addAnswer(id)
  expect(passed.among(['1', '2', '3'])).toEqual(['2', '3'])
})
