import { expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { planEvaluators } from './plan.ts'

test('two uses of one kind are two evaluators with names of their own', () => {
  const evaluators = [
    { kind: 'contains', config: { all: ['a'] } },
    { kind: 'length', models: ['m'] },
    { kind: 'contains', config: { all: ['b'] } },
  ]
  const plan = planEvaluators(configSchema.parse({ quality: { evaluators } }).quality)
  const kinds = (model: string) => plan.evaluatorsFor(model).map(({ kind }) => kind)
  expect(kinds('m')).toEqual(['contains', 'length', 'contains_2'])
  expect(kinds('other')).toEqual(['contains', 'contains_2'])
})
