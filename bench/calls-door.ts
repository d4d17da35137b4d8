// Calls with their text through the HTTP door, wire to queryable: parsing, redaction, spool, fsync and load.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '../src/records/record-id.ts'
import { createRandom, type Random } from '../src/stats/random.ts'
import { startOwnServer } from './own-server.ts'
import { cpuSeconds } from './process-meter.ts'
import { send } from './sender.ts'

export interface DoorRate {
  readonly seconds: number
  readonly cpuSeconds: number
}

export interface DoorOptions {
  readonly calls: number
  readonly connections: number
  readonly directory: string
  readonly core: number
}

const callsPerRequest = 500
/** Of prompt and answer together. */
const textBytes = 2_048
const mostWaitMs = 120_000

/** Sends calls to a server of our own and waits until a query counts them all. */
export async function measureCallsDoor(options: DoorOptions): Promise<DoorRate> {
  const { calls, connections, core, directory } = options
  const requests = Math.max(1, Math.round(calls / callsPerRequest))
  const bodies = makeBodies(requests)
  const server = await startOwnServer(join(directory, 'calls'), core)
  try {
    const before = cpuSeconds(server.pid)
    const start = performance.now()
    const lanes = Array.from({ length: connections }, (_, lane) =>
      bodies.filter((__, index) => index % connections === lane),
    )
    const headers = { 'content-type': 'application/x-ndjson' }
    await Promise.all(lanes.map((lane) => send(`${server.url}/api/v1/calls`, lane, headers)))
    for (;;) {
      const [stored] = await server.query('SELECT count() FROM calls')
      if (stored === requests * callsPerRequest) break
      if (performance.now() - start > mostWaitMs) throw new Error(`only ${stored} calls are stored`)
      await sleep(50)
    }
    const seconds = (performance.now() - start) / 1_000
    return { seconds, cpuSeconds: cpuSeconds(server.pid) - before }
  } finally {
    await server.stop()
  }
}

function makeBodies(requests: number): readonly Buffer[] {
  const random = createRandom('calls')
  return Array.from({ length: requests }, () =>
    Buffer.from(Array.from({ length: callsPerRequest }, () => makeRow(random)).join('\n')),
  )
}

function makeRow(random: Random): string {
  const startedAt = Date.now() - random.below(600_000)
  return JSON.stringify({
    callId: uuidv7(startedAt),
    startedAt,
    model: `model-${random.below(7)}`,
    tenant: 'shop',
    route: '/v1/chat/completions',
    finishReason: 'stop',
    ttftSeconds: random.gamma(2, 0.1),
    totalSeconds: 1 + random.gamma(2, 1),
    promptTokens: 100 + random.below(900),
    completionTokens: 20 + random.below(400),
    prompt: makeText(random, textBytes / 2),
    answer: makeText(random, textBytes / 2),
  })
}

const words =
  'the order was shipped on Thursday and arrives within two days at your address; please check account status, return policy or invoice when service request number changes again because customer asked about delivery of blue shoes before winter sale ends'.split(
    ' ',
  )

function makeText(random: Random, length: number): string {
  let text = ''
  while (text.length < length) text += `${random.pick(words)} `
  return text.slice(0, length)
}
