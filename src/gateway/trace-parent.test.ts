import { expect, test } from 'vitest'
import { traceContext } from './trace-parent.ts'

const callId = '018f4e3c-0000-7000-8000-000000000001'
const traceId = '0af7651916cd43dd8448eb211c80319c'

test('goes on with the client’s trace under a span of its own', () => {
  const context = traceContext(`00-${traceId}-b7ad6b7169203331-00`, callId)
  expect(context.traceId).toBe(traceId)
  expect(context.parentSpanId).toBe('b7ad6b7169203331')
  expect(context.spanId).toMatch(/^[\da-f]{16}$/)
  expect(context.spanId).not.toBe('b7ad6b7169203331')
  expect(context.traceParent).toBe(`00-${traceId}-${context.spanId}-00`)
})

test.each([
  undefined,
  '',
  'nonsense',
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-b7ad6b7169203331-01`,
])('starts a trace where %j is none', (header) => {
  expect(traceContext(header, callId)).toMatchObject({
    traceId: '018f4e3c000070008000000000000001',
    parentSpanId: '',
  })
})
