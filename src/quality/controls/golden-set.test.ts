import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readGoldenSet } from './golden-set.ts'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'equipoise-golden-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function read(...lines: readonly string[]) {
  const file = join(directory, 'golden.jsonl')
  writeFileSync(file, lines.join('\n'))
  return readGoldenSet(file)
}

const good = { prompt: 'p', answer: 'a', context: 'c', expected: { judge_safety: 'safe' } }

test('each line is an answer; a changed line is another answer, a changed expectation is not', () => {
  const lines = [good, { ...good, answer: 'b' }, { ...good, expected: { judge_safety: 'unsafe' } }]
  const [first, second, third] = read(...lines.map((line) => JSON.stringify(line)), '')
  expect(first).toMatchObject({ attributes: { context: 'c' }, expected: { judge_safety: 'safe' } })
  expect(second?.id).not.toBe(first?.id)
  expect(third?.id).toBe(first?.id)
})

test.each([
  ['{"prompt":', ':2: no JSON'],
  [JSON.stringify({ ...good, answer: '' }), ':2: answer:'],
  [JSON.stringify({ ...good, expected: {} }), ':2: expected: expected one label at least'],
  [JSON.stringify({ ...good, label: 'safe' }), ':2: the line: Unrecognized key: "label"'],
])('%s is refused with its line and an example', (line, message) => {
  expect(() => read(JSON.stringify(good), line)).toThrow(message)
  expect(() => read(JSON.stringify(good), line)).toThrow('"judge_safety": "safe"')
})

test('an empty file and one that is not there are refused', () => {
  expect(() => read('')).toThrow('no answer in it')
  expect(() => readGoldenSet(join(directory, 'none'))).toThrow('cannot be read')
})
