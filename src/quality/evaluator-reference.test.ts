import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evaluatorPage, evaluatorReference } from './evaluator-reference.ts'
import { evaluators, findEvaluator } from './registry.ts'

const page = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'evaluators.md')

test('the committed page is the generated one (npx equipoise evaluators reference > docs/reference/evaluators.md)', () => {
  expect(readFileSync(page, 'utf8')).toBe(evaluatorReference(evaluators))
})

test('a page tells dimension, needs, settings of every depth, and the example', () => {
  const consistency = findEvaluator('consistency')
  const text = consistency === undefined ? '' : evaluatorPage(consistency)
  expect(text).toContain('Dimension `consistency`. Needs the attribute `answers`, or `ask`.')
  expect(text).toContain('| `ask.url` | URL | **required** | Base URL without /v1')
  expect(text).toContain('| `ask.times` | whole number, 1 to 10 | `3` |')
  expect(text).toContain('give **1**, `consistent`')
})

test('every setting of every evaluator has its row', () => {
  const reference = evaluatorReference(evaluators)
  for (const { kind, needsJudge, about } of evaluators) {
    expect(reference).toContain(`## \`${kind}\``)
    if (!needsJudge) continue
    expect(about).toBeTypeOf('string')
  }
  expect(reference).not.toContain('undefined')
})
