import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { startLab, type Lab } from './lab.ts'
import { listenOnLoopback, readJson, sendJson } from './loopback-server.ts'
import { recogniseQuestion } from './questions.ts'
import { judgeTruth } from './truth.ts'

/** Busy machines may take long; waiting ends as soon as it may. */
const patience = { timeout: 30_000 }

const log = pino({ level: 'silent' })
let lab: Lab | undefined
afterEach(async () => {
  await lab?.close()
  lab = undefined
})

async function start(): Promise<Lab> {
  lab = await startLab({ seed: 7, speed: 50, ports: 'ephemeral', log })
  return lab
}

interface ControlBody {
  readonly faults: readonly unknown[]
  readonly traffic: Readonly<Record<string, { readonly succeeded: number }>> | null
  readonly error: { readonly message: string }
}

async function control(path: string, init?: RequestInit) {
  const response = await fetch(`${lab?.controlUrl}${path}`, init)
  const body: ControlBody = JSON.parse(await response.text())
  return { status: response.status, body }
}

function inject(request: unknown) {
  return control('/faults', { method: 'POST', body: JSON.stringify(request) })
}

/** Share of unsafe answers of the first copy of a model. */
async function answersOf(component: string, count: number) {
  const server = lab?.modelServers.find((candidate) => candidate.component === component)
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const question = `What is ${index + 10} + 5?`
      const response = await fetch(`${server?.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({
          model: server?.model,
          messages: [{ role: 'user', content: question }],
        }),
      })
      return { question, answer: await response.text() }
    }),
  )
  const unsafe = answers.filter((text) => !judgeTruth(text).safe)
  return unsafe.length / count
}

test('its configuration is a valid one, and names what runs', async () => {
  const { config, modelServers } = await start()
  const parsed = configSchema.parse(config)
  expect(parsed.fleet.nodes.map(({ name }) => name)).toEqual(['gpu-server-1'])
  const copies = parsed.fleet.components.flatMap((component) => component.copies)
  expect(copies.map(({ url }) => url)).toEqual(modelServers.map(({ url }) => url))
  expect(copies.map(({ gpus }) => gpus)).toEqual([[0], [1], [2]])
  const dcgmUrl = parsed.fleet.nodes[0]?.dcgmUrl ?? ''
  const text = await (await fetch(dcgmUrl)).text()
  for (const uuid of parsed.fleet.nodes[0]?.accelerators?.uuids ?? []) expect(text).toContain(uuid)
  expect(parsed.alerts.rules).toHaveLength(1)
})

describe('faults', () => {
  test('one model turns unsafe, the other does not, and clearing mends it', async () => {
    await start()
    expect(await answersOf('gpt-oss-20b', 40)).toBe(0)
    const injected = await inject({ kind: 'unsafe', model: 'gpt-oss-20b', share: 1 })
    expect(injected.status).toBe(201)
    expect(await answersOf('gpt-oss-20b', 40)).toBe(1)
    expect(await answersOf('Qwen2.5-7B-Instruct', 40)).toBe(0)
    expect((await control('/')).body.faults).toMatchObject([{ kind: 'unsafe', endsAtMs: null }])
    expect((await control('/faults', { method: 'DELETE' })).body.faults).toEqual([])
    expect(await answersOf('gpt-oss-20b', 40)).toBe(0)
  })

  test('a fault with a duration ends by itself', async () => {
    await start()
    await inject({ kind: 'unsafe', model: 'gpt-oss-20b', durationSeconds: 0.05 })
    await expect.poll(async () => (await control('/')).body.faults, patience).toEqual([])
    expect(await answersOf('gpt-oss-20b', 20)).toBe(0)
  })

  test.each([
    [{ kind: 'meteor' }, /no fault "meteor", expected one of: unsafe/],
    [{ kind: 'unsafe' }, /model/],
    [{ kind: 'unsafe', model: 'gpt-9' }, /no model "gpt-9", expected one of: gpt-oss-20b, Qwen/],
    [{ kind: 'unsafe', model: 'gpt-oss-20b', share: 2 }, /share/],
    [{ kind: 'unsafe', model: 'gpt-oss-20b', durationSeconds: -1 }, /durationSeconds/],
    ['unsafe', /Fault/],
  ])('%j is refused with the reason', async (request, message) => {
    await start()
    const refused = await inject(request)
    expect(refused.status).toBe(400)
    expect(refused.body.error.message).toMatch(message)
    expect((await control('/')).body.faults).toEqual([])
  })

  test('web pages may not break the lab', async () => {
    await start()
    const headers = { origin: 'http://evil.example' }
    expect((await control('/faults', { method: 'DELETE', headers })).status).toBe(403)
  })
})

test('traffic flows to the url given, is counted, and stops', async () => {
  const running = await start()
  const [server] = running.modelServers
  running.startTraffic({ gatewayUrl: server?.url ?? '', rates: { 'openai/gpt-oss-20b': 200 } })
  const counts = async () => (await control('/')).body.traffic?.['openai/gpt-oss-20b']
  await expect.poll(async () => (await counts())?.succeeded, patience).toBeGreaterThan(20)
  expect(await counts()).toMatchObject({ failed: 0, rejected: 0 })
  await running.stopTraffic()
  expect((await control('/')).body.traffic).toBeNull()
  await expect.poll(() => server?.state().running, patience).toBe(0)
})

function timersAndListeners(): number {
  const kinds = process.getActiveResourcesInfo()
  return kinds.filter((kind) => /Timeout|TCPServerWrap/.test(kind)).length
}

test('starts and closes again and again and leaves nothing behind', async () => {
  const before = timersAndListeners()
  for (let round = 0; round < 3; round += 1) {
    const running = await start()
    const [server] = running.modelServers
    running.startTraffic({ gatewayUrl: server?.url ?? '', rates: { 'openai/gpt-oss-20b': 100 } })
    running.injectFault({ kind: 'unsafe', model: 'gpt-oss-20b', durationSeconds: 600 })
    await expect.poll(() => server?.state().running, patience).toBeGreaterThan(0)
    await running.close()
    lab = undefined
  }
  await expect.poll(timersAndListeners, patience).toBeLessThanOrEqual(before)
})

test('users tell the gateway what a good answer is, and the template they used', async () => {
  const seen: { body: string; template: string }[] = []
  const gateway = await listenOnLoopback(0, async (request, response) => {
    const template = String(request.headers['x-equipoise-template'])
    seen.push({ body: JSON.stringify(await readJson(request)), template })
    sendJson(response, 429, { error: { message: 'busy' } })
  })
  const running = await start()
  running.startTraffic({ gatewayUrl: gateway.url, rates: { m: 300 } })
  await expect.poll(() => seen.length, patience).toBeGreaterThan(100)
  await running.stopTraffic()
  await gateway.close()
  for (const { body, template } of seen) {
    const { messages, metadata }: TrafficBody = JSON.parse(body)
    const question = recogniseQuestion(messages[0]?.content ?? '')
    expect(template).toBe(`lab-${question?.kind}`)
    expect(metadata['reference'] ?? null).toBe(question?.reference)
    expect(metadata['context'] ?? null).toBe(question?.context)
    expect(metadata['expect_refusal']).toBe(String(question?.kind === 'safety_sensitive'))
  }
})

interface TrafficBody {
  readonly messages: readonly { readonly content: string }[]
  readonly metadata: Readonly<Record<string, string>>
}
