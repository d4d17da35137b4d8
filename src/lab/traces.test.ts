import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTrace, type TraceRow } from './traces.ts'

const data = process.env['EQUIPOISE_DATA'] ?? '../shared/data'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'traces-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function rowsOf(path: string): Promise<TraceRow[]> {
  const rows: TraceRow[] = []
  for await (const row of readTrace(path)) rows.push(row)
  return rows
}

async function rowsOfText(text: string): Promise<TraceRow[]> {
  const path = join(folder, 'trace')
  await writeFile(path, text)
  return rowsOf(path)
}

const header = 'TIMESTAMP,ContextTokens,GeneratedTokens\r\n'

test('an Azure file keeps its seven decimals and needs no final newline', async () => {
  const text = `${header}2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,0`
  const [first, second] = await rowsOfText(text)
  expect(first).toEqual({ line: 2, atMs: 0, promptTokens: 374, completionTokens: 44 })
  expect(second).toMatchObject({ line: 3, promptTokens: 396, completionTokens: 0 })
  expect(second?.atMs).toBeCloseTo(4_314.579, 2)
})

test('a Mooncake file is read by its JSON lines', async () => {
  const text = [
    '{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}',
    '{"timestamp": 30535, "input_length": 6472, "output_length": 26, "hash_ids": [46, 57]}',
    '',
  ].join('\n')
  expect(await rowsOfText(text)).toEqual([
    { line: 1, atMs: 0, promptTokens: 6_955, completionTokens: 52 },
    { line: 2, atMs: 3_053, promptTokens: 6_472, completionTokens: 26 },
  ])
})

test.each([
  ['another header', 'time,tokens\n1,2', /trace:1: found "time,tokens", expected the header/],
  ['a bad number', `${header}2023-11-16 18:15:46.68,x,44`, /trace:2: found .*, expected a row/],
  ['a bad date', `${header}2023-13-16 18:15:46.68,3,44`, /trace:2: found/],
  ['a short row', `${header}2023-11-16 18:15:46.68,3,4\r\n2023`, /trace:3: found "2023"/],
  ['broken JSON', '{"timestamp": 1, ', /trace:1: found .*, expected \{"timestamp"/],
  ['a missing field', '{"timestamp": 1, "input_length": 3}', /trace:1: found/],
  ['no rows', header, /has no rows/],
  ['nothing at all', '', /has no rows/],
])('%s is an error with file and line', async (_, text, message) => {
  await expect(rowsOfText(text)).rejects.toThrow(message)
})

test('a file that is not there is a user error', async () => {
  await expect(rowsOf(join(folder, 'absent.csv'))).rejects.toThrow(/Cannot read the trace .*absent/)
})

describe.skipIf(!existsSync(join(data, 'azure-llm-2023-conv.csv')))(
  'Azure 2023 (absent: set EQUIPOISE_DATA)',
  () => {
    test.each([
      ['conv', { count: 19_366, prompt: 22_361_870, completion: 4_088_665, lastMs: 3_501_721.937 }],
      ['code', { count: 8_819, prompt: 18_059_974, completion: 245_896, lastMs: 3_435_948.056 }],
    ])('%s has its rows and sums', async (name, { count, prompt, completion, lastMs }) => {
      const rows = await rowsOf(join(data, `azure-llm-2023-${name}.csv`))
      expect(rows.length).toBe(count)
      expect(rows.reduce((sum, row) => sum + row.promptTokens, 0)).toBe(prompt)
      expect(rows.reduce((sum, row) => sum + row.completionTokens, 0)).toBe(completion)
      expect(rows.at(-1)?.atMs).toBeCloseTo(lastMs, 2)
    })
  },
)
