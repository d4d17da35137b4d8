// One part of the isolation benchmark in a process of its own: a model's engines, the gateway, or its callers.
import { configSchema } from '../src/config/schema.ts'
import { startGateway } from '../src/gateway/gateway.ts'
import { createLabClient } from '../src/lab/client.ts'
import { engineDefaults } from '../src/lab/engine.ts'
import { startModelServer } from '../src/lab/model-server.ts'
import { createRandom } from '../src/stats/random.ts'
import { arrivalGaps } from '../src/lab/traffic.ts'
import { createLog } from '../src/telemetry/log.ts'
import { workerOrder } from './isolation-messages.ts'
import type { LoadOrder, LoadReport, WorkerAnswer, WorkerOrder } from './isolation-messages.ts'

process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  obey(workerOrder.parse(message)).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

async function obey(order: WorkerOrder): Promise<WorkerAnswer> {
  if (order.kind === 'engines') return { kind: 'listening', urls: await startEngines(order) }
  if (order.kind === 'gateway') {
    return { kind: 'listening', urls: [await startBenchGateway(order.config)] }
  }
  return { kind: 'loaded', report: await runLoad(order) }
}

async function startEngines(given: { model: string; copies: number; speed: number }) {
  const servers = Array.from({ length: given.copies }, (_, index) =>
    startModelServer({
      component: given.model,
      model: given.model,
      port: 0,
      engine: { ...engineDefaults, speed: given.speed },
      profile: {
        accuracy: 1,
        safety: 1,
        grounding: 1,
        relevance: 1,
        guidelines: 1,
        unsafeShare: 0,
      },
      seed: index,
    }),
  )
  return (await Promise.all(servers)).map(({ url }) => url)
}

const noReading = {
  gpuIds: [],
  requestsRunning: null,
  requestsWaiting: null,
  kvCacheUsage: null,
  gpuDuty: null,
  gpuTemperatureCelsius: null,
}

async function startBenchGateway(config: unknown): Promise<string> {
  const gateway = await startGateway({
    config: configSchema.parse(config),
    accept: async () => {},
    machineState: () => noReading,
    log: createLog('gateway', 'error'),
  })
  return `http://127.0.0.1:${gateway.port}`
}

const answerTokens = 40

/** Open loop: arrivals come at their times, whether earlier calls are answered or not. */
async function runLoad(given: LoadOrder): Promise<LoadReport> {
  const client = createLabClient(given.gatewayUrl, 1_024)
  const random = createRandom(`${given.seed}/prompts`)
  const arrivals = { ratePerSecond: given.callsPerSecond, coefficientOfVariation: 1 }
  const endMs = performance.now() + given.seconds * 1_000
  const calls: ReturnType<typeof client.send>[] = []
  let dueMs = performance.now()
  for (const gap of arrivalGaps(arrivals, createRandom(`${given.seed}/arrivals`))) {
    dueMs += gap * 1_000
    if (dueMs > endMs) break
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const prompt = Array.from({ length: 100 + random.below(300) }, () => 'word').join(' ')
    const { model } = given
    calls.push(
      client.send({ model, prompt, stream: true, maxTokens: answerTokens, ignoreEos: true }),
    )
  }
  const sights = await Promise.all(calls)
  await client.close()
  const rejected = sights.filter(({ status }) => status === 429 || status === 503).length
  const complete = sights.filter((sight) => sight.complete)
  return {
    calls: sights.length,
    rejected,
    errors: sights.length - rejected - complete.length,
    ttftMs: complete.flatMap(({ ttftMs }) => (ttftMs === null ? [] : [ttftMs])),
  }
}
