import { expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { codeRuns } from './code-runs.ts'

const run = { run: true }
const js = (code: string) => `\`\`\`js\n${code}\n\`\`\``

testEvaluator(codeRuns, {
  config: run,
  otherConfig: { run: true, stdout: '42' },
  good: { answer: js('process.exit(0)') },
  bad: { answer: js('throw new Error("no")') },
})

test('it must be asked for', () => {
  expect(() => verdictOf(codeRuns, {})).toThrow('code_runs')
  expect(() => verdictOf(codeRuns, {}, { config: { run: false } })).toThrow('code_runs')
})

test('what it prints is compared where something is expected', async () => {
  const answer = js('console.log(6 * 7)')
  const expected = (text: string) => ({ answer, attributes: { expected_output: text } })
  expect(await verdictOf(codeRuns, expected('42'), { config: run })).toMatchObject({ value: 1 })
  expect(await verdictOf(codeRuns, expected('43'), { config: run })).toMatchObject({
    value: 0,
    reason: 'it printed "42", expected "43"',
  })
})

test('endless loops, sleepers and hoarders are ended, and see no secrets of ours', async () => {
  const config = { run: true, timeout: '1s', memoryMiB: 64 }
  const verdict = (code: string) => verdictOf(codeRuns, { answer: js(code) }, { config })
  expect(await verdict('for (;;) {}')).toMatchObject({ value: 0 })
  expect(await verdict('setInterval(() => {}, 1000)')).toMatchObject({ reason: 'it ran over 1 s' })
  expect(await verdict('const a = []; for (;;) a.push(new Array(1e5).fill({}))')).toMatchObject({
    value: 0,
  })
  process.env['EQUIPOISE_TEST_SECRET'] = 'hunter2'
  expect(
    await verdict('if (process.env.EQUIPOISE_TEST_SECRET) throw new Error("seen")'),
  ).toMatchObject({ value: 1 })
  delete process.env['EQUIPOISE_TEST_SECRET']
})

test('Python runs where there is an interpreter', async () => {
  const answer = '```python\nprint(6 * 7)\n```'
  const verdict = await verdictOf(codeRuns, { answer }, { config: { run: true, stdout: '42' } })
  if (verdict.outcome === 'skipped') return
  expect(verdict).toMatchObject({ value: 1, reason: 'python ran to its end' })
})
