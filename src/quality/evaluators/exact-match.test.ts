import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { exactMatch } from './exact-match.ts'

testEvaluator(exactMatch, {
  otherConfig: { part: 'last_number' },
  good: { answer: 'Lima', attributes: { reference: 'Lima' } },
  bad: { answer: 'Cusco', attributes: { reference: 'Lima' } },
})

test.each([
  ['  "Lima." ', 'lima', 1],
  ['ﬁve', 'five', 1],
  ['Lima\n  Peru', 'lima peru', 1],
  ['1,234.50', '1234.5', 1],
  ['42.', '42', 1],
  ['1e3', '1000', 1],
  ['−7', '-7', 1],
  ['0.30000000000000004', '0.3', 1],
  ['-7', '7', 0],
  ['1234', '12345', 0],
  ['4 2', '42', 0],
  ['', 'Lima', 0],
  ['0', '0.0', 1],
])('%j against %j is %d', async (answer, reference, value) => {
  expect(await verdictOf(exactMatch, { answer, attributes: { reference } })).toMatchObject({
    outcome: 'scored',
    value,
  })
})

test('the last number or the last line can be what counts', async () => {
  const answer = 'First 3 apples, then 4.\nSo there are 1,007 apples.'
  const attributes = { reference: '1007' }
  const byNumber = await verdictOf(
    exactMatch,
    { answer, attributes },
    { config: { part: 'last_number' } },
  )
  expect(byNumber).toMatchObject({ value: 1 })
  const line = { answer: 'Let me think.\nLima\n', attributes: { reference: 'Lima' } }
  expect(await verdictOf(exactMatch, line, { config: { part: 'last_line' } })).toMatchObject({
    value: 1,
  })
  const none = { answer: 'no idea', attributes }
  expect(await verdictOf(exactMatch, none, { config: { part: 'last_number' } })).toMatchObject({
    value: 0,
    reason: 'the answer holds no number',
  })
})

test('without a reference there is nothing to compare', async () => {
  expect(await verdictOf(exactMatch, {})).toEqual({
    outcome: 'skipped',
    reason: 'the call has no attribute reference',
  })
})
