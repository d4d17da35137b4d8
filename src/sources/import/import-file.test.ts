import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { csvCells, csvRow } from './csv-row.ts'
import { fileRecords, type FileFormat } from './file-records.ts'
import { importFile, rejectedFileOf, type ImportOptions } from './import-file.ts'

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-import-'))
  file = join(directory, 'rows')
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** A receiver that takes what it has not seen and refuses rows with `bad`. */
function receiver(failAfter = Infinity) {
  const ids = new Set<unknown>()
  const batches: number[] = []
  const send: ImportOptions['send'] = (rows) => {
    if (batches.length >= failAfter) return Promise.reject(new Error('gone'))
    batches.push(rows.length)
    const rejected = rows.flatMap((row, index) =>
      JSON.stringify(row).includes('"bad"') ? [{ index, field: 'bad', expected: 'no' }] : [],
    )
    const before = ids.size
    for (const row of rows) ids.add(JSON.stringify(row))
    for (const { index } of rejected) ids.delete(JSON.stringify(rows[index]))
    const accepted = ids.size - before
    const duplicates = rows.length - accepted - rejected.length
    return Promise.resolve({ accepted, duplicates, rejected })
  }
  return { send, ids, batches }
}

async function run(send: ImportOptions['send'], format: FileFormat = 'jsonl') {
  return await importFile({ file, kind: 'calls', format, send, onProgress: () => undefined })
}

async function rejections() {
  const text = await readFile(rejectedFileOf(file), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

test('rows go in batches; what was not taken is reported with its line', async () => {
  const lines = Array.from({ length: 2_500 }, (_, index) => JSON.stringify({ index }))
  lines[1] = '{"bad":1}'
  lines[2] = '{"open":'
  lines[3] = ''
  await writeFile(file, lines.join('\n'))
  const { send, batches } = receiver()
  expect(await run(send)).toMatchObject({ accepted: 2_497, rejected: 2, duplicates: 0 })
  expect(batches).toEqual([998, 1_000, 500])
  expect(await rejections()).toEqual([
    { line: 2, field: 'bad', expected: 'no' },
    { line: 3, field: '', expected: expect.stringContaining('JSON') },
  ])
})

test('it goes on where it stopped, and a finished file is not sent again', async () => {
  const lines = Array.from({ length: 3_000 }, (_, index) => JSON.stringify({ index }))
  await writeFile(file, `${lines.join('\n')}\n`)
  const first = receiver(2)
  await expect(run(first.send)).rejects.toThrow('gone')
  const second = receiver()
  expect(await run(second.send)).toMatchObject({ accepted: 3_000, rejected: 0 })
  expect(second.batches).toEqual([1_000])
  expect(new Set([...first.ids, ...second.ids]).size).toBe(3_000)
  await run(second.send)
  expect(second.batches).toEqual([1_000])
})

test('a row without an id gets the same one each time it is sent, and no two rows share one', async () => {
  await writeFile(file, '{"a":1}\n{"a":1}\n{"callId":"mine"}\n')
  const { send, ids } = receiver()
  await run(send)
  await rm(`${file}.progress`)
  expect(await run(send)).toMatchObject({ accepted: 0, duplicates: 3 })
  expect(ids.size).toBe(3)
  expect([...ids].join()).toContain('{"callId":"mine"}')
})

test('a file that changed since is not gone on with', async () => {
  await writeFile(file, '{"a":1}\n')
  await run(receiver().send)
  await writeFile(file, '{"a":1}\n{"a":2}\n')
  await expect(run(receiver().send)).rejects.toThrow('delete it to begin anew')
})

test('CSV: names of the header, cells as what they are, empty cells left out', async () => {
  await writeFile(
    file,
    'model,startedAt,promptTokens,streaming,attributes,answer,ttftSeconds\r\n' +
      'a,2026-01-01T00:00:00Z,7,true,"{""k"":""v""}","two\nlines, ""quoted""",\r\n' +
      'b,1767225600000,x,no,{,,\r\n' +
      'c,1\r\n',
  )
  const rows: unknown[] = []
  const sent: ImportOptions['send'] = (batch) => {
    rows.push(...batch)
    return Promise.resolve({ accepted: batch.length, duplicates: 0, rejected: [] })
  }
  expect(await run(sent, 'csv')).toMatchObject({ accepted: 2, rejected: 1 })
  const callId = expect.stringMatching(/^import-[\da-f]{32}$/)
  expect(rows).toEqual([
    {
      callId,
      model: 'a',
      startedAt: '2026-01-01T00:00:00Z',
      promptTokens: 7,
      streaming: true,
      attributes: { k: 'v' },
      answer: 'two\nlines, "quoted"',
    },
    {
      callId,
      model: 'b',
      startedAt: 1_767_225_600_000,
      promptTokens: 'x',
      streaming: 'no',
      attributes: '{',
    },
  ])
  expect(await rejections()).toEqual([
    { line: 5, field: '', expected: '2 cells, expected 7 as in the header' },
  ])
})

test('a missing file and an empty CSV say so', async () => {
  await expect(run(receiver().send)).rejects.toThrow('cannot be read')
  await writeFile(file, '')
  await expect(run(receiver().send, 'csv')).rejects.toThrow('header line')
  expect(await run(receiver().send)).toMatchObject({ accepted: 0 })
})

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`

describe('CSV cells', () => {
  test('what was written is read', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (cells) => {
        expect(csvCells(cells.map(quoted).join(','))).toEqual(cells)
        const plain = cells.map((cell) => cell.replaceAll(/[",]/g, ''))
        expect(csvCells(plain.join(','))).toEqual(plain)
      }),
    )
  })

  test.each(['"open', '"a"b,c'])('%s is refused', (text) => {
    expect(() => csvRow(['x'], text)).toThrow(/quote/)
  })
})

test('records of CSV are whole wherever the file is cut into chunks', async () => {
  const row = '"a\nb",c\n'
  await writeFile(file, row.repeat(20_000))
  let count = 0
  for await (const { text, line, end } of fileRecords(file, 'csv', { offset: 0, line: 1 })) {
    if (text !== '"a\nb",c' || line !== 1 + 2 * count || end !== row.length * (count + 1)) {
      throw new Error(`record ${count} is ${JSON.stringify({ text, line, end })}`)
    }
    count += 1
  }
  expect(count).toBe(20_000)
})
