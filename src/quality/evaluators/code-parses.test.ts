import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { codeParses } from './code-parses.ts'

const block = (tag: string, code: string) => `Here:\n\`\`\`${tag}\n${code}\n\`\`\`\nDone.`

testEvaluator(codeParses, {
  otherConfig: { only: ['json'] },
  good: { answer: block('json', '{"a": [1, 2]}') },
  bad: { answer: block('json', '{"a": [1, 2}') },
})

test.each([
  ['js', 'const a = () => 1', 1],
  ['js', 'const a = (', 0],
  ['js', 'import { a } from "b"\nexport const c = await a()', 1],
  ['js', 'import { a from "b"', 0],
  ['javascript', 'return 1 +', 0],
])('%s %j: %d', async (tag, code, value) => {
  expect(await verdictOf(codeParses, { answer: block(tag, code) })).toMatchObject({ value })
})

test('Python is parsed where there is an interpreter, without running', async () => {
  const good = await verdictOf(codeParses, { answer: block('python', 'raise SystemExit(3)') })
  const bad = await verdictOf(codeParses, { answer: block('py', 'def f(:\n  pass') })
  if (good.outcome === 'skipped') return
  expect(good).toMatchObject({ value: 1 })
  expect(bad).toMatchObject({ value: 0, reason: expect.stringContaining('SyntaxError') })
})

test('what cannot be parsed here is no score', async () => {
  const config = { python: 'no-such-python' }
  const verdict = await verdictOf(codeParses, { answer: block('python', 'x = 1') }, { config })
  expect(verdict).toMatchObject({ outcome: 'skipped', reason: 'there is no no-such-python here' })
  expect(await verdictOf(codeParses, { answer: block('ruby', 'puts 1') })).toMatchObject({
    outcome: 'skipped',
  })
})

test('an indented block in a list, and an answer that is code whole', async () => {
  const listed = '1. So:\n   ```json\n   {"a": 1}\n   ```\n'
  expect(await verdictOf(codeParses, { answer: listed })).toMatchObject({ value: 1 })
  const config = { language: 'json' }
  expect(await verdictOf(codeParses, { answer: '{"a": 1' }, { config })).toMatchObject({ value: 0 })
})
