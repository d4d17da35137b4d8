// Every command that README and docs show is run here, as written (long ones shortened by an option).
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { root, runShell, type RunningProgram, startShell } from './running-program.ts'

/** Commands of the fenced `sh` blocks, continuation lines joined, comments cut. */
function commandsOf(file: string): string[] {
  const blocks = readFileSync(join(root, file), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)
  return [...blocks].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  )
}

const documents = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs')]
const shown = new Set(documents.flatMap((file) => commandsOf(file)))
const trace = '../shared/data/azure-llm-2023-conv.csv'

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file))
}

/** Commands that this test does not run itself, with what runs them. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^npm (test|run check)$/, 'this is they'],
  [/^npm run dev$/, 'the demo from sources: the same command as npm start'],
  [/^npm run bench -- \w+$/, 'minutes long; the list of their names is checked below'],
  [/^bash \.ci\/run$/, 'continuous integration'],
  [/^npm run (fuzz|chaos)$/, 'their tests run here with fewer cases'],
  [/sources test -c examples/, 'its servers are not here: checked below'],
]

const ran = new Set<string>()
let directory: string
let running: RunningProgram | undefined

/** Runs a shown command; fails when no document shows it. */
async function run(command: string, extra = '', cwd = root): Promise<string> {
  expect(shown).toContain(command)
  ran.add(command)
  const { code, output } = await runShell(`${command}${extra}`, cwd)
  expect(code, `${command}\n${output}`).toBe(0)
  return output
}

async function start(command: string, ready: RegExp, cwd = root): Promise<void> {
  expect(shown).toContain(command)
  ran.add(command)
  running = startShell(command, cwd)
  await running.line(ready)
}

async function stop(): Promise<void> {
  await running?.end('SIGINT')
  running = undefined
}

async function isPortTaken(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
}

const busy = (await isPortTaken(4600)) || (await isPortTaken(4601)) || (await isPortTaken(4610))

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-readme-'))
})
afterEach(stop)
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

test.skipIf(busy)(
  'the demo, a fault, a call and a query (needs ports 4600 to 4615 free)',
  async () => {
    await start('npm start', /Live traffic flows/)
    await run('npx equipoise lab fault unsafe --model Qwen2.5-7B-Instruct')
    await run('npx equipoise lab clear')
    const call =
      [...shown].find((command) => command.startsWith('curl ')) ?? 'no curl command shown'
    expect(await run(call)).toContain('"usage"')
    const sql = 'SELECT model, count(), avg(ttft_seconds) FROM calls GROUP BY model'
    expect(await run(`npx equipoise query "${sql}"`)).toContain('gpt-oss-20b')
    expect(await run('npx equipoise quality --from -1h')).toContain('safety')
    expect(await run('npx equipoise sources list')).toContain('vllm')
    expect(await run('npx equipoise doctor')).toContain('adds up')
    await stop()
  },
)

test.skipIf(busy)('a configuration of one’s own', async () => {
  const program = ` ${JSON.stringify(join(root, 'dist/src/cli/main.js'))}`
  const inDirectory = (command: string) => command.replace('npx equipoise', `node${program}`)
  for (const command of ['npx equipoise init', 'npx equipoise check -c equipoise.yaml']) {
    expect(shown).toContain(command)
    ran.add(command)
    const { code, output } = await runShell(inDirectory(command), directory)
    expect(code, output).toBe(0)
  }
  const up = 'npx equipoise up -c equipoise.yaml'
  expect(shown).toContain(up)
  ran.add(up)
  running = startShell(inDirectory(up), directory)
  await running.line(/page +http/)
})

test.skipIf(busy || !existsSync(join(root, trace)))(`a replay (needs ${trace})`, async () => {
  await start('npx equipoise demo --no-traffic --speed 20 --data ./replay-data', /lab +http/)
  const replay = `npx equipoise replay --trace ${trace} --time-scale 20`
  expect(await run(replay, ' --limit 200')).toMatch(/succeeded +200/)
  const sql = 'SELECT count(), sum(prompt_tokens), sum(completion_tokens) FROM calls'
  expect(await run(`npx equipoise query "${sql}"`)).toMatch(/count/)
  await stop()
  await rm(join(root, 'replay-data'), { recursive: true, force: true })
})

test('the list of benchmarks names each that is shown', async () => {
  const list = await run('npm run bench')
  for (const command of shown) {
    const name = /^npm run bench -- (\w+)$/.exec(command)?.[1]
    if (name !== undefined) expect(list).toContain(name)
  }
})

test('an evaluator is described', async () => {
  expect(await run('npx equipoise evaluators --show groundedness_sentences')).toContain('context')
})

test('targets that are not there are said to be so', async () => {
  const command = [...shown].find((one) => one.includes('sources test')) ?? 'no such command shown'
  const { code, output } = await runShell(command, root)
  expect(code).toBe(1)
  expect(output).toContain('gpt-oss-20b')
})

test('no shown command is left out', () => {
  const missed = [...shown].filter(
    (command) => !ran.has(command) && !elsewhere.some(([pattern]) => pattern.test(command)),
  )
  expect(
    busy
      ? []
      : missed.filter(
          (command) => existsSync(join(root, trace)) || !/replay|count\(\), sum/.test(command),
        ),
  ).toEqual([])
})
