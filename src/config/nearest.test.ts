import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { didYouMean, editDistance, nearest } from './nearest.ts'

test.each([
  ['', '', 0],
  ['kitten', 'sitting', 3],
  ['concurency', 'concurrency', 1],
  ['prot', 'port', 1],
  ['ab', '', 2],
  ['ca', 'abc', 3],
])('%j to %j takes %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
})

test('distance is 0 for equals only, symmetric and bounded by the longer word', () => {
  const law = fc.property(fc.string(), fc.string(), (a, b) => {
    const distance = editDistance(a, b)
    expect(distance).toBe(editDistance(b, a))
    expect(distance === 0).toBe(a === b)
    expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
    expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
  })
  fc.assert(law)
})

test.each([
  ['queue_timeout', 'queueTimeout'],
  ['QUEUE', 'queue'],
  ['qeue', 'queue'],
  ['queueTimout', 'queueTimeout'],
  ['banana', undefined],
  ['', undefined],
])('nearest to %j is %j', (word, expected) => {
  expect(nearest(word, ['queue', 'queueTimeout', 'copies'])).toBe(expected)
})

test('didYouMean names the nearest, else all, else nothing', () => {
  expect(didYouMean('gpu-2', ['gpu-1'])).toBe('did you mean "gpu-1"?')
  expect(didYouMean('x', ['node-a', 'node-b'])).toBe('known: node-a, node-b')
  expect(didYouMean('x', [])).toBeNull()
})
