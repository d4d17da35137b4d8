import { expect, test } from 'vitest'
import { formatRows } from './row-format.ts'

const columns = ['model', 'calls']
const rows = [
  ['gpt-oss-20b', 19],
  ['a,"b"', 7],
]

test('a table aligns text left and numbers right', () => {
  expect(formatRows(columns, rows, 'table')).toBe(
    'model        calls\n-----------  -----\ngpt-oss-20b     19\na,"b"            7\n',
  )
})

test('CSV quotes what needs quoting', () => {
  expect(formatRows(columns, rows, 'csv')).toBe('model,calls\ngpt-oss-20b,19\n"a,""b""",7\n')
})

test('JSON is one object a line, and NULL stays null', () => {
  expect(formatRows(['value'], [[null]], 'json')).toBe('{"value":null}\n')
  expect(formatRows(['value'], [[null]], 'table')).toBe('value\n-----\nNULL\n')
})
