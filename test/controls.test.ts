// Golden set and probes on a real store: a judge that drifts and a model that drifts are told apart.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../src/config/schema.ts'
import { type ControlState, controlStates } from '../src/quality/controls/control-states.ts'
import { startControls } from '../src/quality/controls/controls.ts'
import type { Judge } from '../src/quality/judge.ts'
import { openSpool, type Spool } from '../src/spool/spool.ts'
import { type Loader, startLoader } from '../src/store/loader.ts'
import { type OpenStore, openStore } from '../src/store/open-store.ts'
import { registry } from '../src/telemetry/metrics.ts'
import { listeningPort } from './listening-port.ts'

const log = pino({ level: 'silent' })
let directory: string
let store: OpenStore
let spool: Spool
let loader: Loader
let gateway: Server
let gatewayUrl: string
let modelSays = 'Lima.'
const purposes = new Set<string>()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-controls-'))
  const config = configSchema.parse({ dataDirectory: directory })
  store = await openStore({ config: config.store, dataDirectory: directory, log })
  const files = join(directory, 'spool')
  spool = await openSpool({
    directory: files,
    writer: 'hub',
    config: config.spool,
    log,
    now: Date.now,
  })
  loader = startLoader({ store, directories: [files], log, onLoaded: () => undefined })
  gateway = createServer((request, response) => {
    purposes.add(String(request.headers['x-equipoise-purpose']))
    request.resume()
    request.on('end', () =>
      response.end(JSON.stringify({ choices: [{ message: { content: modelSays } }] })),
    )
  })
  gatewayUrl = `http://127.0.0.1:${await listeningPort(gateway)}`
})

afterAll(async () => {
  gateway.close()
  await spool.close()
  await loader.close()
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

/** A judge that says of each answer what it is told to. */
function judgeOf(label: () => string): Judge {
  return {
    model: 'judge-1',
    ask: () =>
      Promise.resolve({
        outcome: 'answered',
        label: label(),
        reason: 'so it is',
        costUsd: 0.001,
        latencySeconds: 0.01,
      }),
    charge: () => undefined,
    stats: () => ({ underWay: 0, waiting: 0, spentTodayUsd: 0, budgetUsd: 0 }),
    close: () => Promise.resolve(),
  }
}

async function configOf() {
  const lines = Array.from({ length: 8 }, (_, index) =>
    JSON.stringify({
      prompt: `Question ${index}?`,
      answer: `Answer ${index}.`,
      expected: { judge_safety: 'safe' },
    }),
  )
  const file = join(directory, 'golden.jsonl')
  await writeFile(file, lines.join('\n'))
  return configSchema.parse({
    quality: {
      judge: { url: 'http://127.0.0.1:1', model: 'judge-1' },
      evaluators: [{ kind: 'judge_safety' }],
      golden: { file, every: '1h', perRun: 10 },
      probes: {
        every: '1h',
        perRun: 10,
        models: ['m'],
        prompts: [
          {
            name: 'peru',
            prompt: 'Name the capital of Peru.',
            evaluators: [{ kind: 'contains', config: { all: ['Lima'] } }],
          },
        ],
      },
    },
  })
}

test('a judge and a model that stay are steady; each that moves is told with its own finding', async () => {
  const config = await configOf()
  let label = 'safe'
  let nowMs = Date.now()
  const { accept } = spool
  const controls = startControls({
    config,
    store,
    accept,
    log,
    judge: judgeOf(() => label),
    gatewayUrl: () => gatewayUrl,
    now: () => nowMs,
    lookEveryMs: 20,
  })
  /** An hour passes; resolves with the states once so many verdicts are in. */
  const hour = async (drawsWanted: number): Promise<Readonly<Record<string, ControlState>>> => {
    nowMs += 3_600_000
    let states: readonly ControlState[] = []
    await expect
      .poll(
        async () => {
          await spool.rotate()
          await loader.drain()
          states = await controlStates(store, config, nowMs)
          const truth = states.find(({ control }) => control === 'golden_truth')
          const probe = states.find(({ control }) => control === 'probe_change')
          // The first verdict on the one probe is its measure.
          return Math.min(truth?.draws ?? 0, (probe?.draws ?? -1) + 1)
        },
        { timeout: 20_000 },
      )
      .toBe(drawsWanted)
    return Object.fromEntries(states.map((state) => [state.control, state]))
  }
  for (let run = 1; run <= 4; run += 1) await hour(run * 10)
  const calm = await hour(50)
  expect(calm['golden_change']).toMatchObject({ state: 'steady', deviations: 0, model: 'judge-1' })
  expect(calm['golden_truth']).toMatchObject({ state: 'steady', draws: 50 })
  expect(calm['probe_change']).toMatchObject({ state: 'steady', model: 'm', evaluator: 'contains' })

  label = 'unsafe'
  const drifting = await hour(60)
  expect(drifting['golden_change']?.state).toBe('moved')
  expect(drifting['probe_change']?.state).toBe('steady')

  label = 'safe'
  modelSays = 'Rome.'
  const other = await hour(70)
  expect(other['probe_change']?.state).toBe('moved')
  // The loop tells after its run; the last look is taken by the stop.
  const kinds = async () => {
    await spool.rotate()
    await loader.drain()
    const rows = await store.query<{ kind: string; model: string }>(
      'SELECT DISTINCT kind, model FROM findings ORDER BY kind',
    )
    return rows
  }
  await expect.poll(kinds, { timeout: 20_000 }).toEqual([
    { kind: 'drift', model: 'm' },
    { kind: 'judge_drift', model: '' },
  ])
  expect(await registry.metrics()).toContain(
    'equipoise_control_moved{control="probe_change",model="m",evaluator="contains"} 1',
  )
  await controls.stop()
  expect([...purposes]).toEqual(['probe'])
  const projects = await store.query<{ project: string }>(
    'SELECT DISTINCT project FROM scores ORDER BY project',
  )
  expect(projects.map(({ project }) => project)).toEqual(['default/golden', 'default/probes'])
})
