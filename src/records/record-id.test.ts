import { expect, test } from 'vitest'
import { newSpanId, uuidv7 } from './record-id.ts'

test('a uuidv7 holds its time, version and variant', () => {
  const id = uuidv7(0x018f_4e3c_1234)
  expect(id).toMatch(/^018f4e3c-1234-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})

test('ids of ascending times sort in that order', () => {
  const ids = Array.from({ length: 500 }, (_, i) => uuidv7(1_700_000_000_000 + i))
  expect(ids.toSorted()).toEqual(ids)
})

test('none of many comes twice, across blocks of randomness', () => {
  const ids = Array.from({ length: 20_000 }, () => [uuidv7(0), newSpanId()]).flat()
  expect(new Set(ids).size).toBe(40_000)
})

test('a span id is 16 hex digits', () => {
  expect(newSpanId()).toMatch(/^[\da-f]{16}$/)
})
