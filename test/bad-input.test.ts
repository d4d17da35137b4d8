// What a user gets wrong, tried on the real binary: a clear error, and nothing lost.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort, listeningPort } from './listening-port.ts'
import { runProgram, runToEnd } from './running-program.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-bad-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function checked(yaml: string, env: Record<string, string> = {}) {
  const file = join(directory, 'equipoise.yaml')
  await writeFile(file, yaml)
  return await runToEnd(['check', '-c', file], { env })
}

const copy = '{ id: c0, url: http://127.0.0.1:1, node: s1, gpus: [0] }'
const node = '{ name: s1, instanceType: ml.g6.12xlarge }'

test.each([
  ['broken YAML', 'fleet: [unclosed', /equipoise\.yaml:1:\d+/],
  ['unknown key', 'fleet:\n  componets: []\n', /equipoise\.yaml:2:3.*componets.*components/s],
  ['wrong unit', 'spool:\n  rotateEvery: 5 parsecs\n', /equipoise\.yaml:2:\d+.*10s.*5 parsecs/s],
  ['missing variable', 'store:\n  password: ${NO_SUCH_VARIABLE}\n', /:2:\d+.*NO_SUCH_VARIABLE/s],
  ['non-loopback without tokens', 'server:\n  host: 0.0.0.0\n', /tokens/],
  [
    'GPU that the server does not have',
    `fleet:\n  nodes: [${node}]\n  components:\n    - name: m\n      copies: [${copy.replace('[0]', '[7]')}]\n`,
    /gpus.*7/s,
  ],
  [
    'unknown evaluator',
    'quality:\n  evaluators: [{ kind: exact_mach }]\n',
    /exact_mach.*exact_match/s,
  ],
])('%s is told with its place', async (_, yaml, expected) => {
  const { code, output } = await checked(yaml)
  expect(output).toMatch(expected)
  expect(output).not.toMatch(/\n +at /)
  expect(code).toBe(2)
})

test('a secret never appears in an error', async () => {
  const { output } = await checked(
    'server:\n  tokens:\n    - { name: a, role: king, token: "${SECRET}" }\n',
    { SECRET: 'very-secret-token-0123456789' },
  )
  expect(output).toMatch(/king/)
  expect(output).not.toContain('very-secret')
})

test('a file that is not there', async () => {
  const { code, output } = await runToEnd(['up', '-c', join(directory, 'nowhere.yaml')])
  expect(output).toMatch(/nowhere\.yaml/)
  expect(output).toMatch(/equipoise init/)
  expect(code).toBe(2)
})

const upConfig = (dataDirectory: string, port = 0) =>
  `dataDirectory: ${dataDirectory}\nserver: { port: ${port} }\ngateway: { port: 0 }\nfleet:\n  nodes: [${node}]\n  components:\n    - name: m\n      copies: [${copy}]\n`

test('a port that is taken', async () => {
  const squatter = createServer()
  const port = await listeningPort(squatter)
  const file = join(directory, 'port.yaml')
  await writeFile(file, upConfig(join(directory, 'data-port'), port))
  const { code, output } = await runToEnd(['up', '-c', file])
  squatter.close()
  expect(output).toContain(String(port))
  expect(output).toMatch(/server\.port/)
  expect(code).toBe(2)
})

test('a data directory that cannot be written', async () => {
  const file = join(directory, 'data.yaml')
  await writeFile(join(directory, 'a-file'), '')
  await writeFile(file, upConfig(join(directory, 'a-file', 'data')))
  const { code, output } = await runToEnd(['up', '-c', file])
  expect(output).toMatch(/dataDirectory|data directory/)
  expect(output).toContain('a-file')
  expect(code).toBe(2)
})

test('a ClickHouse server that is away', async () => {
  const file = join(directory, 'away.yaml')
  const port = await freePort()
  await writeFile(
    file,
    `${upConfig(join(directory, 'data-away'))}store: { url: 'http://127.0.0.1:${port}' }\n`,
  )
  const { code, output } = await runToEnd(['up', '-c', file])
  expect(output).toContain(`127.0.0.1:${port}`)
  expect(output).not.toMatch(/\n +at /)
  expect(code).toBe(1)
})

test('a second process on the same data directory names the first', async () => {
  const file = join(directory, 'twice.yaml')
  await writeFile(file, upConfig(join(directory, 'data-twice')))
  const first = runProgram(['up', '-c', file])
  await first.line(/page +http/)
  const { code, output } = await runToEnd(['up', '-c', file])
  expect(output).toContain(String(first.process.pid))
  expect(code).toBe(2)
  expect(await first.end()).toBe(0)
})

test('a copy that cannot be reached: 503 in OpenAI form, recorded as a failed call', async () => {
  const file = join(directory, 'unreachable.yaml')
  await writeFile(file, upConfig(join(directory, 'data-unreachable')))
  const program = runProgram(['up', '-c', file])
  const gateway = (await program.line(/gateway +(http:\S+)/))[1] ?? ''
  const api = (await program.line(/page +(http:\S+)/))[1] ?? ''
  const answer = await fetch(`${gateway}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }),
  })
  expect([502, 503]).toContain(answer.status)
  expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('c0') } })
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const { output } = await runToEnd([
    'query',
    '--url',
    api,
    '--format',
    'json',
    'SELECT outcome, count() AS n FROM calls GROUP BY outcome',
  ])
  expect(output).toContain('"outcome":"upstream_error","n":1')
  await program.end()
})
