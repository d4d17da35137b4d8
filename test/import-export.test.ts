// Files in and out of the real program.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually, runProgram, runToEnd } from './running-program.ts'

const rowCount = 1_500

const rows = Array.from({ length: rowCount }, (_, index) => ({
  callId: `c-${index}`,
  startedAt: new Date(Date.now() - index * 1_000).toISOString(),
  model: index % 3 === 0 ? 'b' : 'a',
  totalSeconds: 1 + (index % 7),
  promptTokens: index % 5 === 0 ? null : index,
  prompt: `Say "${index}",\nand mail ada@example.com`,
  answer: 'ä'.repeat(index % 4),
  attributes: { user: `u-${index % 10}` },
}))

const sorted = (lines: string) => lines.trim().split('\n').toSorted()

test('what is imported as JSONL comes out as CSV, goes into another store and comes out the same', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'equipoise-files-'))
  const at = (name: string) => join(directory, name)
  const start = async (name: string) => {
    await writeFile(
      at(`${name}.yaml`),
      `dataDirectory: ${at(name)}\nserver: { port: 0 }\ngateway: { enabled: false }\nquality: { evaluators: [] }\n`,
    )
    const program = runProgram(['up', '-c', at(`${name}.yaml`)])
    const url = (await program.line(/http:\/\/127\.0\.0\.1:\d+/))[0]
    return { program, url }
  }
  const first = await start('first')
  const second = await start('second')
  const exported = async (url: string, format: string) => {
    const out = at(`${Math.random()}.${format}`)
    const args = ['--table', 'calls', '--format', format, '--text', '--out', out, '--url', url]
    const { code, output } = await runToEnd(['export', ...args])
    expect(code, output).toBe(0)
    return { out, bytes: await readFile(out) }
  }
  const wholeJsonl = (url: string) =>
    eventually('every call in the store', async () => {
      const { bytes } = await exported(url, 'jsonl')
      return sorted(bytes.toString()).length === rowCount ? bytes.toString() : undefined
    })
  try {
    await writeFile(
      at('in.jsonl'),
      [...rows, { model: 'a' }].map((row) => JSON.stringify(row)).join('\n'),
    )
    const imported = await runToEnd(['import', at('in.jsonl'), '--url', first.url])
    expect(imported.output).toContain(`accepted ${rowCount}, already there 0, rejected 1`)
    expect(imported.code).toBe(1)
    expect(await readFile(at('in.jsonl.rejected.jsonl'), 'utf8')).toContain(
      `"line":${rowCount + 1}`,
    )

    const text = await wholeJsonl(first.url)
    expect(text).toContain('[redacted:email]')
    expect(text).not.toContain('ada@example.com')
    const csv = await exported(first.url, 'csv')
    const again = await runToEnd(['import', csv.out, '--url', second.url])
    expect(again.output).toContain(`accepted ${rowCount}, already there 0, rejected 0`)
    expect(sorted(await wholeJsonl(second.url))).toEqual(sorted(text))

    const { bytes } = await exported(second.url, 'parquet')
    expect(bytes.subarray(0, 4).toString()).toBe('PAR1')
  } finally {
    await first.program.end()
    await second.program.end()
    await rm(directory, { recursive: true, force: true })
  }
}, 180_000)
