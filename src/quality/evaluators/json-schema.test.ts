import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { jsonSchema } from './json-schema.ts'

const config = {
  schema: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } },
}

testEvaluator(jsonSchema, {
  config,
  otherConfig: { schema: { type: 'array' } },
  good: { answer: '{"city":"Lima"}' },
  bad: { answer: '{"town":"Lima"}' },
})

test.each([
  ['{"city":"Lima"}', 1, 'valid'],
  ['```json\n{"city":"Lima"}\n```', 1, 'valid'],
  ['Here you are: {"city":"Lima"}', 0, 'not_json'],
  ['{"city":7}', 0, 'invalid'],
  ['', 0, 'not_json'],
])('%j is %d (%s)', async (answer, value, label) => {
  expect(await verdictOf(jsonSchema, { answer }, { config })).toMatchObject({ value, label })
})

test('the reason names the place', async () => {
  expect(await verdictOf(jsonSchema, { answer: '{"city":7}' }, { config })).toMatchObject({
    reason: '/city must be string',
  })
})

test('a code block can be a fault, and a broken schema is refused', async () => {
  const strict = { ...config, fenced: false }
  const answer = '```json\n{"city":"Lima"}\n```'
  expect(await verdictOf(jsonSchema, { answer }, { config: strict })).toMatchObject({ value: 0 })
  expect(() => verdictOf(jsonSchema, {}, { config: { schema: { type: 'town' } } })).toThrow(
    'no JSON Schema',
  )
})
