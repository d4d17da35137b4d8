import { expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { checkEvaluators, evaluatorWarnings } from './validate.ts'

const check = (quality: unknown) => checkEvaluators(configSchema.parse({ quality }))
const warnings = (quality: unknown) => evaluatorWarnings(configSchema.parse({ quality }))

const balanced = [{ kind: 'judge_relevance' }, { kind: 'exact_match' }]

test('good configurations have no problem', () => {
  expect(check({})).toEqual([])
  expect(warnings({})).toEqual([])
  expect(check({ evaluators: balanced })).toEqual([])
  expect(warnings({ evaluators: balanced })).toEqual([])
})

test('an unknown kind is named with the nearest one, or with the list', () => {
  expect(check({ evaluators: [...balanced, { kind: 'exact_mtach' }] })).toEqual([
    'quality.evaluators[2].kind: there is no evaluator "exact_mtach"; did you mean "exact_match"?',
  ])
  expect(check({ evaluators: [{ kind: 'zzzzzz' }] })).toEqual([
    expect.stringMatching(/no evaluator "zzzzzz"; there are exact_match, contains, json_schema/),
  ])
})

test('a wrong setting is pointed at, with the settings there are', () => {
  const evaluators = [{ kind: 'length', config: { unit: 'words' } }]
  expect(check({ evaluators })).toEqual([
    expect.stringMatching(
      /^quality\.evaluators\[0\]\.config\.unit: length: .*; its settings are unit, minimum, maximum$/,
    ),
  ])
  const judge = [{ kind: 'judge_safety', config: { strict: true } }]
  expect(check({ evaluators: judge })).toEqual([expect.stringContaining('it takes no settings')])
})

test('the same evaluator twice is a problem; other settings make it another', () => {
  expect(check({ evaluators: [...balanced, { kind: 'exact_match' }] })).toEqual([
    'quality.evaluators[2]: exact_match has the same settings as entry 1; remove one of the two',
  ])
  const twice = [
    { kind: 'contains', config: { all: ['a'] }, models: ['m'] },
    { kind: 'contains', config: { all: ['b'] }, models: ['m'] },
  ]
  expect(check({ evaluators: [...balanced, ...twice] })).toEqual([])
})

test('a composite out of reach is a warning that names what is fed', () => {
  expect(warnings({ evaluators: [{ kind: 'exact_match' }] })).toEqual([
    expect.stringMatching(/feed 25 % of the weights.*give weights to what is fed: accuracy$/),
  ])
  const weights = { accuracy: 1 }
  expect(warnings({ evaluators: [{ kind: 'exact_match' }], composite: { weights } })).toEqual([])
})

test('a golden set and probes that cannot be used are told before the start', () => {
  const judge = { url: 'http://127.0.0.1:1', model: 'j' }
  expect(check({ judge, evaluators: balanced, golden: { file: '/no/such.jsonl' } })).toEqual([
    expect.stringContaining('/no/such.jsonl cannot be read'),
  ])
  const probe = { name: 'p', prompt: 'q', evaluators: [{ kind: 'exakt' }] }
  expect(check({ evaluators: [], probes: { prompts: [probe] } })).toEqual([
    expect.stringContaining('probe p: there is no evaluator "exakt"'),
  ])
})
