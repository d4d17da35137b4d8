import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { subjectOf } from './evaluator-conformance.ts'
import { openEncoder } from './open-encoder.ts'
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

test('each evaluator without a judge has a worked example that holds, but for those that bring their own code', async () => {
  const encoder = openEncoder(configSchema.parse({}).quality.encoder)
  const context = { judge: null, encoder, signal: new AbortController().signal }
  for (const { kind, needsJudge, example } of evaluators) {
    if (needsJudge || ['custom_file', 'http_evaluator'].includes(kind)) continue
    expect(example, kind).not.toBeNull()
    if (example === null) continue
    const { prompt, answer, attributes = {} } = example
    const verdict = await findEvaluator(kind)
      ?.prepare(example.config ?? {}, '')
      .evaluate(subjectOf({ prompt, answer, attributes }), context)
    expect({ kind, verdict }).toMatchObject({
      kind,
      verdict: { outcome: 'scored', label: example.label, value: expect.closeTo(example.value, 2) },
    })
  }
  await encoder.close()
})
