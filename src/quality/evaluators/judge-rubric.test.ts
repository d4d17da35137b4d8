import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { open } from '../evaluator.ts'
import { judgeRubric } from './judge-rubric.ts'

const directory = mkdtempSync(join(tmpdir(), 'equipoise-rubric-'))
afterAll(() => rmSync(directory, { recursive: true }))

const rubric = {
  name: 'politeness',
  version: 1,
  dimension: 'tone',
  question: 'Is the answer polite?',
  labels: [
    { label: 'polite', value: 1, means: 'it is.' },
    { label: 'rude', value: 0, means: 'it is not.' },
  ],
  rules: ['Judge the wording alone.'],
  example: { prompt: 'Hello', answer: 'Go away.', label: 'rude', reason: 'It sends away.' },
  whenUnsure: 'polite',
}

function fileOf(name: string, parts: object = {}): string {
  const file = join(directory, `${name}.yaml`)
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify({ ...rubric, ...parts }))
  return file
}

testEvaluator(judgeRubric, {
  config: { file: fileOf('politeness') },
  otherConfig: { file: fileOf('newer', { version: 2 }) },
  good: { judgeLabel: 'polite' },
  bad: { judgeLabel: 'rude' },
})

test('name and dimension are the rubric’s own', () => {
  expect(open(judgeRubric).prepare({ file: fileOf('politeness') }, 'judge-1')).toMatchObject({
    kind: 'judge_rubric:politeness',
    dimension: 'tone',
    version: expect.stringMatching(/^judge:judge-1@[0-9a-f]{12}\.1$/),
  })
})

test('what the rubric needs must be there', async () => {
  const config = { file: fileOf('needy', { needs: ['reference', 'context'] }) }
  const judge = fixedJudge({ label: 'polite' })
  const attributes = { reference: 'r' }
  expect(await verdictOf(judgeRubric, { attributes }, { config, judge })).toMatchObject({
    outcome: 'skipped',
  })
  const both = { reference: 'the reference', context: 'the context' }
  await verdictOf(judgeRubric, { attributes: both }, { config, judge })
  expect(judge.asked[0]?.user).toMatch(/the reference[\s\S]*the context/)
})

test('a file that is wrong or missing is refused with its place', () => {
  const wrong = fileOf('wrong', { whenUnsure: 'maybe' })
  expect(() => open(judgeRubric).prepare({ file: wrong }, 'j')).toThrow('wrong.yaml:1: whenUnsure')
  expect(() => open(judgeRubric).prepare({ file: join(directory, 'none') }, 'j')).toThrow(
    'cannot be read',
  )
})
