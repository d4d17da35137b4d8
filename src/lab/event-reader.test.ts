import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEventReader } from './event-reader.ts'

test('events are the same however the bytes are cut', () => {
  const text = 'data: {"a":"ü€😀"}\n\n: comment\n\ndata:b\ndata: c\r\n\r\ndata: [DONE]\n\ndata: cut'
  const bytes = Buffer.from(text)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
      const seen: string[] = []
      const reader = createEventReader((data) => seen.push(data))
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      edges.slice(1).forEach((edge, index) => reader.push(bytes.subarray(edges[index], edge)))
      expect(seen).toEqual(['{"a":"ü€😀"}', 'b\nc', '[DONE]'])
    }),
  )
})
