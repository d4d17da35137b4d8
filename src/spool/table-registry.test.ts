import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createRowBuffer } from './row-binary.ts'
import { tables } from './table-registry.ts'
import { calls } from './tables/call.ts'
import { samples } from './tables/sample.ts'
import { structureOf, writeRow } from './table.ts'
import { exampleCall, exampleSample } from './examples.ts'

const sql = readFileSync(new URL('../store/migrations/0001-records.sql', import.meta.url), 'utf8')

/** Column lines of a CREATE TABLE: name and type, without codec and index. */
function columnsOf(table: string): { name: string; type: string }[] {
  const body = new RegExp(`CREATE TABLE IF NOT EXISTS ${table} \\(\\n([^]*?)\\n\\) ENGINE`).exec(
    sql,
  )
  const lines = (body?.[1] ?? '').split('\n').map((line) => line.trim().replace(/,$/, ''))
  return lines
    .filter((line) => !line.startsWith('INDEX'))
    .map((line) => {
      const [, name = '', type = ''] = /^(\w+) (.*?)(?: CODEC\(.*\))?$/.exec(line) ?? []
      return { name, type }
    })
}

test.each(Object.values(tables))('$name has the columns of its migration', (table) => {
  const written = table.columns.map(({ name, type }) => ({ name, type }))
  expect(written).toEqual(columnsOf(table.name))
})

test('each table of the migration has a writer', () => {
  const created = [...sql.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)].map(([, name]) =>
    String(name),
  )
  expect(Object.keys(tables).toSorted()).toEqual(created.toSorted())
})

test('a structure names each column as the engine reads it', () => {
  expect(structureOf(samples)).toBe(
    "`series_id` UInt64, `time` DateTime64(3, 'UTC'), `value` Float64, " +
      "`state` Enum8('present' = 0, 'absent' = 1, 'stale' = 2, 'sentinel' = 3)",
  )
})

test('a row that does not fit leaves no trace', () => {
  const buffer = createRowBuffer()
  writeRow(buffer, calls, exampleCall())
  const { length } = buffer
  expect(() => writeRow(buffer, calls, exampleCall({ promptTokens: -1 }))).toThrow(RangeError)
  expect(buffer.length).toBe(length)
})

test('a state outside the enum is refused', () => {
  const sample = { ...exampleSample(), state: 'unheard' }
  // @ts-expect-error -- such a state can only come from a caller that does not check types
  expect(() => writeRow(createRowBuffer(), samples, { seriesId: 1n, sample })).toThrow(
    /expected present/,
  )
})
