import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LabelTable } from './label-table.ts'

const viewOf = (text: string) => {
  const bytes = Buffer.from(text, 'latin1')
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const find = (table: LabelTable, text: string) => table.find(viewOf(text), 0, text.length)
const add = (table: LabelTable, text: string) => table.add(viewOf(text), 0, text.length)

/** Texts that share beginnings and lengths, so that only a look at all bytes tells them apart. */
const labels = fc
  .array(fc.constantFrom('a', 'b', '\0', '\xff', 'label', 'labek'), { maxLength: 9 })
  .map((parts) => parts.join(''))

test('each set keeps the number that it got, and no other set has it', () => {
  fc.assert(
    fc.property(fc.array(labels, { maxLength: 200 }), labels, (texts, other) => {
      const table = new LabelTable(1_000, 100_000)
      const distinct = [...new Set(texts)]
      const numbers = distinct.map((text) => add(table, text))
      expect(numbers).toEqual(distinct.map((_, index) => index))
      expect(distinct.map((text) => find(table, text))).toEqual(numbers)
      if (!distinct.includes(other)) expect(find(table, other)).toBe(-1)
    }),
  )
})

test('thousands of sets are found again as the table grows', () => {
  const table = new LabelTable(20_000, 10_000_000)
  const texts = Array.from({ length: 5_000 }, (_, index) => `__name__=metric,le=${index}`)
  for (const text of texts) add(table, text)
  const lost = texts.filter((text, index) => find(table, text) !== index)
  // One that finds no place near its own is only met anew each time.
  expect(lost.length).toBeLessThan(5)
})

test('a set is recognised in the midst of other bytes, and not when these end early', () => {
  const table = new LabelTable(10, 1_000)
  const number = add(table, 'job=vllm')
  const view = viewOf('xxjob=vllmyy')
  expect(table.find(view, 2, 10)).toBe(number)
  expect(table.startsAt(number, view, 2)).toBe(true)
  expect(table.startsAt(number, view, 1)).toBe(false)
  expect(table.startsAt(number, viewOf('job=vll'), 0)).toBe(false)
})

test('a full table takes nothing more until it is cleared', () => {
  const byNumber = new LabelTable(1, 1_000)
  add(byNumber, 'a')
  expect(add(byNumber, 'b')).toBe(-1)
  const byBytes = new LabelTable(10, 4)
  expect(add(byBytes, 'abcde')).toBe(-1)
  byNumber.clear()
  expect(find(byNumber, 'a')).toBe(-1)
  expect(add(byNumber, 'b')).toBe(0)
})
