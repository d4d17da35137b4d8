import { expect, test } from 'vitest'
import { createBesideSpans } from './beside-spans.ts'

const event = { name: 'e', attributes: new Map() }

test('what waits too long or is too much is given up, oldest first, and counted', () => {
  let nowMs = 0
  let lost = 0
  const beside = createBesideSpans({
    mostBytes: 100,
    longestMs: 1_000,
    now: () => nowMs,
    onGivenUp: () => {
      lost += 1
    },
  })
  beside.add('a', { events: [event] }, 40)
  beside.add('a', { events: [event] }, 10)
  beside.add('b', { events: [event] }, 40)
  expect(beside.of('a').events).toHaveLength(2)
  beside.add('c', { events: [event] }, 30)
  expect(['a', 'b', 'c'].map((id) => beside.of(id).events.length)).toEqual([0, 1, 1])
  nowMs = 2_000
  beside.add('d', { events: [event] }, 1)
  expect(['b', 'c', 'd'].map((id) => beside.of(id).events.length)).toEqual([0, 0, 1])
  expect(lost).toBe(3)
  beside.remove('d')
  beside.add('e', { events: [event] }, 100)
  expect(beside.of('e').events).toHaveLength(1)
})
