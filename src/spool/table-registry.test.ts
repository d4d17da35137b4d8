import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createRowBuffer } from './row-binary.ts'
import { tables } from './table-registry.ts'
import { calls } from './tables/call.ts'
import { samples } from './tables/sample.ts'
import { structureOf, writeRow } from './table.ts'
import { exampleCall, exampleSample } from './examples.ts'
import { hashedCall } from './text-hash.ts'

const folder = new URL('../store/migrations/', import.meta.url)
const sql = readdirSync(folder)
  .toSorted()
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n')

interface ColumnLine {
  readonly name: string
  readonly type: string
}

/** Columns of a table as the migrations leave them: name and type, without codec, default and index. */
function columnsOf(table: string): readonly ColumnLine[] {
  const body = new RegExp(`CREATE TABLE IF NOT EXISTS ${table} \\(\n([^]*?)\n\\) ENGINE`).exec(sql)
  const lines = (body?.[1] ?? '').split('\n').map((line) => line.trim().replace(/,$/, ''))
  const created = lines.filter((line) => !line.startsWith('INDEX')).map(columnOf)
  const changes = [...sql.matchAll(new RegExp(`^ALTER TABLE ${table}\\b([^;]*);`, 'gm'))]
  return changes.map(([, change = '']) => change).reduce(altered, created)
}

function columnOf(line: string): ColumnLine {
  const [, name = '', type = ''] = /^(\w+) (.*?)(?: (?:CODEC|DEFAULT).*)?$/.exec(line) ?? []
  return { name, type }
}

function altered(columns: readonly ColumnLine[], change: string): readonly ColumnLine[] {
  const after = /ADD COLUMN IF NOT EXISTS (\w+ .*?) AFTER (\w+)|MODIFY COLUMN (\w+ .*)/g
  return [...change.matchAll(after)].reduce<readonly ColumnLine[]>(
    (sofar, [, added, before, modified]) =>
      sofar.flatMap((column) => {
        if (column.name === before && added !== undefined) return [column, columnOf(added)]
        const other = modified === undefined ? column : columnOf(modified)
        return other.name === column.name ? [other] : [column]
      }),
    columns,
  )
}

test.each(Object.values(tables))('$name has the columns of its migration', (table) => {
  const written = table.columns.map(({ name, type }) => ({ name, type }))
  expect(written).toEqual(columnsOf(table.name))
})

test('each table that is no rollup has a writer', () => {
  const created = [...sql.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)].map(([, name]) =>
    String(name),
  )
  // What a view fills, and the helpers of a migration, which are gone at its end.
  const filled = [...sql.matchAll(/ TO (\w+) AS/g)].map(([, name]) => String(name))
  const dropped = [...sql.matchAll(/DROP TABLE (?:IF EXISTS )?(\w+)/g)].map(([, name]) =>
    String(name),
  )
  const records = created.filter((name) => !filled.includes(name) && !dropped.includes(name))
  expect(Object.keys(tables).toSorted()).toEqual(records.toSorted())
})

test('a structure names each column as the engine reads it', () => {
  expect(structureOf(samples)).toBe(
    "`series_id` UInt64, `time` DateTime64(3, 'UTC'), `value` Float64, " +
      "`state` Enum8('present' = 0, 'absent' = 1, 'stale' = 2, 'sentinel' = 3)",
  )
})

test('a row that does not fit leaves no trace', () => {
  const buffer = createRowBuffer()
  writeRow(buffer, calls, hashedCall(exampleCall()))
  const { length } = buffer
  const wrong = hashedCall(exampleCall({ promptTokens: -1 }))
  expect(() => writeRow(buffer, calls, wrong)).toThrow(RangeError)
  expect(buffer.length).toBe(length)
})

test('a state outside the enum is refused', () => {
  const sample = { ...exampleSample(), state: 'unheard' }
  // @ts-expect-error -- such a state can only come from a caller that does not check types
  expect(() => writeRow(createRowBuffer(), samples, { seriesId: 1n, sample })).toThrow(
    /expected present/,
  )
})
