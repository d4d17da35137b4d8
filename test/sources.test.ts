// Metrics targets of scrape jobs on the real binary: tried without a hub, then read and listed by one.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram, runToEnd } from './running-program.ts'

let directory: string
let server: Server
let target: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-sources-'))
  server = createServer((request, response) => {
    const isKnown = request.headers.authorization === 'Bearer metrics-token'
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'text/plain' })
    response.end(isKnown ? 'vllm:num_requests_running{model_name="llama"} 3\n' : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  target = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(directory, { recursive: true, force: true })
})

const configFile = () => join(directory, 'equipoise.yaml')

async function configure(token: string): Promise<void> {
  await writeFile(join(directory, 'targets.json'), JSON.stringify([{ targets: [target] }]))
  await writeFile(
    configFile(),
    `server: { port: 0 }
gateway: { enabled: false }
scrape:
  jobs:
    - name: engines
      files: [targets.json]
      every: 1s
      access:
        bearerToken: ${token}
`,
  )
}

test('targets can be tried before anything runs', async () => {
  await configure('metrics-token')
  const well = await runToEnd(['sources', 'test', '-c', configFile()])
  expect(well.output).toContain('1 of 1 targets can be read.')
  expect(well.output).toMatch(/vllm:num_requests_running +req\.running +3 +1 +model llama/)
  expect(well.code).toBe(0)

  const json = await runToEnd(['sources', 'test', '-c', configFile(), '--format', 'json'])
  expect(JSON.parse(json.output)).toMatchObject({
    targets: [{ name: `engines/${target}`, failure: null, page: { system: 'vllm' } }],
  })

  await configure('not-that-token')
  const refused = await runToEnd(['sources', 'test', '-c', configFile()])
  expect(refused.output).toContain('answered 401 instead of 200')
  expect(refused.output).not.toContain('not-that-token')
  expect(refused.code).toBe(1)

  const url = `http://${target}/metrics`
  const bare = await runToEnd(['sources', 'test', '--target', url], { cwd: directory })
  expect(bare.code).toBe(1)
}, 120_000)

test('a running Equipoise reads them and says how fresh they are', async () => {
  await configure('metrics-token')
  const hub = runProgram(['up', '-c', configFile()])
  try {
    const url = (await hub.line(/page +(http:\S+)/))[1] ?? ''
    const list = async () => (await runToEnd(['sources', 'list', '--url', url])).output
    await expect
      .poll(list, { timeout: 60_000 })
      .toMatch(new RegExp(`engines/${target} +vllm +ok +\\d`))
    expect(await list()).toMatch(/engines targets +discovery +ok/)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain(`equipoise_source_up{source="engines/${target}",kind="vllm"} 1`)
    expect(metrics).toContain('equipoise_source_scrape_samples{')
  } finally {
    await hub.end('SIGINT')
  }
}, 180_000)
