import { expect, test } from 'vitest'
import { rubricOf } from './rubric-file.ts'

const good = `name: politeness
version: 2
dimension: tone
question: Is the answer polite?
labels:
  - { label: polite, value: 1, means: it is polite. }
  - { label: rude, value: 0, means: it is not. }
rules:
  - Judge the wording alone.
example:
  prompt: Hello
  answer: Go away.
  label: rude
  reason: It sends the reader away.
whenUnsure: polite
`

test('a good file is a rubric', () => {
  expect(rubricOf('politeness.yaml', good)).toMatchObject({
    rubric: {
      name: 'politeness',
      version: 2,
      dimension: 'tone',
      needs: [],
      example: { blocks: [{ name: 'prompt' }, { name: 'answer' }], label: 'rude' },
    },
  })
})

test.each([
  ['whenUnsure: polite', 'whenUnsure: unsure', 'r.yaml:15: whenUnsure: expected one of the labels'],
  ['  label: rude', '  label: impolite', 'r.yaml:13: example.label: expected one of the labels'],
  ['value: 0', 'value: 0.2', 'r.yaml:6: labels: one label must have value 0'],
  ['label: rude, ', 'label: polite, ', 'r.yaml:7: labels.1.label: is there twice'],
  ['version: 2', 'version: two', 'r.yaml:2: version: Invalid input'],
  ['question: Is', 'qestion: Is', 'r.yaml:1: question: Invalid input'],
  ['rules:', 'rules: [', 'r.yaml:9: '],
])('%s made %s is refused with its line', (from, to, fault) => {
  const read = rubricOf('r.yaml', good.replace(from, to))
  const faults = 'faults' in read ? read.faults : []
  expect(
    faults.some((one) => one.startsWith(fault)),
    faults.join('\n'),
  ).toBe(true)
})
