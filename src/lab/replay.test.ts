import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { engineDefaults } from './engine.ts'
import { listenOnLoopback, readJson, sendJson } from './loopback-server.ts'
import { startModelServer } from './model-server.ts'
import { chatRequest, countWords, messageTexts, parseBody } from './openai-wire.ts'
import { quantile } from './replay-report.ts'
import { replayTrace, type ReplayOptions } from './replay.ts'

const closing: (() => Promise<void>)[] = []
let folder = ''
let file = ''

const rows = Array.from({ length: 60 }, (_, index) => ({
  timestamp: index * 20,
  input_length: 1 + ((index * 37) % 300),
  output_length: index % 12,
}))
const promptTokens = rows.reduce((sum, row) => sum + row.input_length, 0)
const completionTokens = rows.reduce((sum, row) => sum + row.output_length, 0)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
  file = join(folder, 'trace.jsonl')
  await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function options(gatewayUrl: string, changes: Partial<ReplayOptions> = {}): ReplayOptions {
  const base = { file, gatewayUrl, models: ['m'], timeScale: 20, stream: false }
  return { ...base, concurrencyLimit: 16, ...changes }
}

async function startEmulator() {
  const server = await startModelServer({
    component: 'm',
    model: 'm',
    port: 0,
    engine: { ...engineDefaults, speed: 100 },
    profile: {
      accuracy: 1,
      safety: 1,
      grounding: 1,
      relevance: 1,
      guidelines: 1,
      unsafeShare: 0,
    },
    seed: 1,
  })
  closing.push(() => server.close())
  return server.url
}

test.each([true, false])(
  'each row runs once with its exact tokens (stream: %s)',
  async (stream) => {
    const report = await replayTrace(options(await startEmulator(), { stream }))
    expect(report).toMatchObject({
      sent: 60,
      succeeded: 60,
      failed: 0,
      retried: 0,
      rowsWithoutOutput: 5,
      promptTokensAsked: promptTokens,
      promptTokensSeen: promptTokens,
      completionTokensAsked: completionTokens,
      completionTokensSeen: completionTokens,
      failures: [],
    })
    // The last row is due after 59 * 20 ms, twenty times faster.
    expect(report.seconds).toBeGreaterThan(0.055)
    expect(report.ttftP50Ms === null).toBe(!stream)
  },
)

/** A gateway that refuses some first tries and counts what it let through, by line of the trace. */
async function startMoodyGateway(refuse: (line: number, tries: number) => number) {
  const tries = new Map<string, number>()
  const served = new Map<string, number>()
  let inFlight = 0
  let mostInFlight = 0
  const server = await listenOnLoopback(0, async (request, response) => {
    const body = parseBody(chatRequest, await readJson(request))
    const [prompt = ''] = messageTexts(body)
    const line = /^line\d+/.exec(prompt)?.[0] ?? ''
    tries.set(line, (tries.get(line) ?? 0) + 1)
    const status = refuse(Number(line.slice(4)), tries.get(line) ?? 0)
    response.setHeader('retry-after-ms', '20')
    if (status !== 200) return sendJson(response, status, { error: { message: 'no' } })
    inFlight += 1
    mostInFlight = Math.max(mostInFlight, inFlight)
    await new Promise((resolve) => setTimeout(resolve, 5))
    inFlight -= 1
    served.set(line, (served.get(line) ?? 0) + 1)
    sendJson(response, 200, {
      choices: [{ message: { content: '' }, finish_reason: 'length' }],
      usage: { prompt_tokens: countWords(prompt), completion_tokens: body.max_tokens },
    })
  })
  closing.push(() => server.close())
  return { url: server.url, served, mostInFlight: () => mostInFlight }
}

test('refused rows come again until each ran exactly once, within the bound in flight', async () => {
  const gateway = await startMoodyGateway((line, tries) => {
    if (line % 3 === 0 && tries <= 2) return tries === 1 ? 429 : 503
    return 200
  })
  const report = await replayTrace(options(gateway.url, { concurrencyLimit: 4, timeScale: 1_000 }))
  expect(report).toMatchObject({
    sent: 60,
    succeeded: 60,
    retried: 20,
    refusals: 40,
    promptTokensSeen: promptTokens,
    completionTokensSeen: completionTokens,
  })
  expect([...gateway.served.values()]).toEqual(rows.map(() => 1))
  expect(gateway.mostInFlight()).toBeLessThanOrEqual(4)
  expect(report.latenessMaxMs).toBeGreaterThan(0)
})

test('other failures are reported and not repeated', async () => {
  const gateway = await startMoodyGateway((line) => (line === 7 ? 500 : 200))
  const report = await replayTrace(options(gateway.url))
  expect(report).toMatchObject({ sent: 60, succeeded: 59, failed: 1, refusals: 0 })
  expect(report.failures).toEqual(['line 7: status 500 no'])
})

test('stops at a limit and when it is told to', async () => {
  const url = await startEmulator()
  expect(await replayTrace(options(url, { limit: 10 }))).toMatchObject({ sent: 10, succeeded: 10 })
  const stop = new AbortController()
  const slow = replayTrace(options(url, { timeScale: 0.01, signal: stop.signal }))
  setTimeout(() => stop.abort(new Error('enough')), 50)
  expect((await slow).sent).toBeLessThan(5)
})

test('a bad row ends the replay with its place', async () => {
  const bad = join(folder, 'bad.jsonl')
  await writeFile(bad, `${JSON.stringify(rows[0])}\n{"timestamp":true}`)
  const url = await startEmulator()
  await expect(replayTrace(options(url, { file: bad }))).rejects.toThrow(/bad\.jsonl:2: found/)
})

test('quantiles are nearest ranks', () => {
  expect(quantile([3, 1, 2, 4], 0.5)).toBe(2)
  expect(quantile([3, 1, 2, 4], 1)).toBe(4)
  expect(quantile([], 0.5)).toBeNull()
})
