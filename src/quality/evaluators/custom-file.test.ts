import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { open } from '../evaluator.ts'
import { subjectOf, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { customFile } from './custom-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'equipoise-custom-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(name: string, code: string): string {
  const file = join(folder, name)
  writeFileSync(file, code)
  return file
}

const short = fileWith(
  'short.mjs',
  'export const evaluate = ({ answer }, { most = 10 }) => ({ value: answer.length <= most ? 1 : 0.2, label: "size", reason: `${answer.length} characters` })',
)

testEvaluator(customFile, {
  config: { file: short },
  otherConfig: { file: short, options: { most: 20 } },
  good: { answer: 'Lima' },
  bad: { answer: 'The capital of Peru is Lima.' },
})

const verdict = (file: string, config: object = {}) =>
  verdictOf(customFile, {}, { config: { file, ...config } })

test('a default export, an async function and TypeScript are taken', async () => {
  const byDefault = fileWith('default.js', 'export default async () => ({ value: 0.5 })')
  expect(await verdict(byDefault)).toMatchObject({ value: 0.5, label: 'good' })
  const typed = fileWith(
    'typed.ts',
    'interface Subject { readonly answer: string }\nexport function evaluate(subject: Subject): { value: number; reason: string } { return { value: 1, reason: subject.answer } }',
  )
  expect(await verdict(typed)).toMatchObject({ value: 1, reason: 'The capital of Peru is Lima.' })
})

test('a skip is a skip, nonsense and throws are failures', async () => {
  const skips = fileWith('skips.mjs', 'export const evaluate = () => ({ skip: "not mine" })')
  expect(await verdict(skips)).toMatchObject({ outcome: 'skipped', reason: 'not mine' })
  const nonsense = fileWith('nonsense.mjs', 'export const evaluate = () => ({ value: 7 })')
  expect(await verdict(nonsense)).toMatchObject({ outcome: 'failed' })
  const throws = fileWith(
    'throws.mjs',
    'export const evaluate = () => { throw new Error("broken") }',
  )
  await expect(verdict(throws)).rejects.toThrow('broken')
  const empty = fileWith('empty.mjs', 'export const other = 1')
  await expect(verdict(empty)).rejects.toThrow('exports no function evaluate')
})

test('a loop, a hoarder and an exit end the thread of one answer only', async () => {
  const file = fileWith(
    'wild.mjs',
    `export const evaluate = ({ answer }) => {
      if (answer === 'loop') for (;;) {}
      if (answer === 'exit') process.exit(3)
      if (answer === 'hoard') { const kept = []; for (;;) kept.push(new Array(1e5).fill(0).map(() => ({}))) }
      return { value: 1 }
    }`,
  )
  const config = { file, timeout: '1s', memoryMiB: 24 }
  const prepared = open(customFile).prepare(config, '')
  const context = { judge: null, signal: new AbortController().signal }
  const answer = (text: string) => prepared.evaluate(subjectOf({ answer: text }), context)
  await expect(answer('loop')).rejects.toThrow('over 1 s')
  await expect(answer('exit')).rejects.toThrow('ended its thread')
  await expect(answer('hoard')).rejects.toThrow()
  expect(await answer('fine')).toMatchObject({ value: 1 })
})

test('the version is the content: a file that changed is refused until it is loaded again', async () => {
  const file = fileWith('edited.mjs', 'export const evaluate = () => ({ value: 1 })')
  const before = open(customFile).prepare({ file }, '')
  writeFileSync(file, 'export const evaluate = () => ({ value: 0 })')
  const context = { judge: null, signal: new AbortController().signal }
  await expect(before.evaluate(subjectOf(), context)).rejects.toThrow('the file changed')
  const after = open(customFile).prepare({ file }, '')
  expect(after.version).not.toBe(before.version)
  expect(await after.evaluate(subjectOf(), context)).toMatchObject({ value: 0 })
})

test('a file that is not there or of another kind is refused by name', () => {
  expect(() => verdict(join(folder, 'absent.mjs'))).toThrow('absent.mjs cannot be used')
  expect(() => verdict(fileWith('x.py', ''))).toThrow('it ends in ".py"')
})
