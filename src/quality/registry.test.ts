import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dimensionOf, evaluators, findEvaluator } from './registry.ts'

test('each file of evaluators/ is registered under its own name, once', () => {
  const files = readdirSync(join(import.meta.dirname, 'evaluators'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3).replaceAll('-', '_'))
  expect(evaluators.map(({ kind }) => kind).toSorted()).toEqual(files.toSorted())
})

test('each evaluator has a test beside it', () => {
  const tests = readdirSync(join(import.meta.dirname, 'evaluators'))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -8).replaceAll('-', '_'))
  expect(tests.toSorted()).toEqual(evaluators.map(({ kind }) => kind).toSorted())
})

test('a kind is found, an unknown one is not', () => {
  expect(findEvaluator('judge_safety')?.needsJudge).toBe(true)
  expect(dimensionOf('exact_match')).toBe('accuracy')
  expect(dimensionOf('exact')).toBeUndefined()
})
