import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { contains } from './contains.ts'

testEvaluator(contains, {
  config: { all: ['lima'] },
  otherConfig: { all: ['/lima/i'] },
  good: { answer: 'It is LIMA.' },
  bad: { answer: 'It is Cusco.' },
})

test.each([
  [{ all: ['peru', '/L[iy]ma/'] }, 1],
  [{ all: ['peru', '/lima/'] }, 0],
  [{ any: ['cusco', 'lima'] }, 1],
  [{ any: ['cusco', 'quito'] }, 0],
  [{ none: ['cusco'] }, 1],
  [{ none: ['/\\bis\\b/g'] }, 0],
  [{ all: ['capital'], none: ['lima'] }, 0],
])('%j gives %d', async (config, value) => {
  const twice = [
    await verdictOf(contains, {}, { config }),
    await verdictOf(contains, {}, { config }),
  ]
  for (const verdict of twice) expect(verdict).toMatchObject({ outcome: 'scored', value })
})

test('the reason names what is missing and what is forbidden', async () => {
  const config = { all: ['Quito'], none: ['lima'] }
  expect(await verdictOf(contains, {}, { config })).toMatchObject({
    reason: 'missing Quito; forbidden lima',
  })
})

test('nothing to look for and a broken pattern are refused', async () => {
  expect(() => verdictOf(contains, {}, { config: {} })).toThrow('at least one entry')
  expect(() => verdictOf(contains, {}, { config: { all: ['/(/'] } })).toThrow('/(/ is no regular')
})
