// The hub is killed with -9 in the middle of a replay and started again: every call is there, once.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, root, runProgram, runToEnd, type RunningProgram } from './running-program.ts'

const trace = join(
  resolve(root, process.env['EQUIPOISE_DATA'] ?? '../shared/data'),
  'azure-llm-2023-conv.csv',
)
const rows = 1_500

let directory: string
let lab: RunningProgram
const programs: RunningProgram[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-kill-'))
})
afterAll(async () => {
  for (const program of programs.toReversed()) await program.end()
  await rm(directory, { recursive: true, force: true })
})

const start = (args: readonly string[]) => {
  const program = runProgram(args, { cwd: directory })
  programs.push(program)
  return program
}

async function expectedSums(): Promise<{ prompt: number; completion: number }> {
  const lines = (await readFile(trace, 'utf8')).split('\r\n').slice(1, rows + 1)
  const cells = lines.map((line) => line.split(',').map(Number))
  const sum = (column: number) => cells.reduce((total, row) => total + (row[column] ?? 0), 0)
  return { prompt: sum(1), completion: sum(2) }
}

test.skipIf(!existsSync(trace))(
  `a replay of ${rows} rows survives kill -9 of the hub (needs ${trace})`,
  async () => {
    lab = start(['lab', 'serve', '--speed', '50', '--ephemeral', '--write-config', 'lab.yaml'])
    await lab.line(/Next: equipoise up/)
    const config = await readFile(join(directory, 'lab.yaml'), 'utf8')
    await writeFile(
      join(directory, 'lab.yaml'),
      `${config}\ndataDirectory: ./data\nserver: { port: 0 }\ngateway: { port: 0 }\n`,
    )
    const first = start(['up', '-c', 'lab.yaml'])
    const gateway = (await first.line(/gateway +(http:\S+)\/v1/))[1] ?? ''

    const pace = ['--limit', String(rows), '--time-scale', '20']
    const replay = start(['replay', '--trace', trace, '--gateway', gateway, ...pace])
    await replay.line(/finished [3-9]\d\d,/)
    await first.end('SIGKILL')
    await replay.line(/finished [6-9]\d\d,/)
    const second = start(['up', '-c', 'lab.yaml'])
    const api = (await second.line(/page +(http:\S+)/))[1] ?? ''
    expect((await second.line(/gateway +(http:\S+)\/v1/))[1]).toBe(gateway)
    await replay.line(/succeeded +\d+/)

    const sql =
      'SELECT count() AS calls, uniqExact(call_id) AS ids, sum(prompt_tokens) AS prompt, sum(completion_tokens) AS completion FROM calls'
    const totals = await eventually('all calls in the store', async () => {
      const { output } = await runToEnd(['query', '--url', api, '--format', 'json', sql])
      const row: Record<string, number> = JSON.parse(output)
      return Number(row['calls']) >= rows ? row : undefined
    })
    expect(totals).toEqual({ calls: rows, ids: rows, ...(await expectedSums()) })
  },
  180_000,
)
