// Users of the lab: an open loop of questions to each model, whose answers can be checked.
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../telemetry/log.ts'
import { createLabClient, type ClientSight, type LabClient } from './client.ts'
import { drawQuestion } from './questions.ts'
import type { Question } from './questions/question.ts'
import { createRandom } from '../stats/random.ts'
import { arrivalGaps } from './traffic.ts'

export interface LabTrafficOptions {
  readonly gatewayUrl: string
  /** Mean calls a second by model. */
  readonly rates: Readonly<Record<string, number>>
  /** Coefficient of variation of the gaps: 1 = Poisson, more = bursts. */
  readonly burstiness?: number
  /** Share of the calls that stream. */
  readonly streamShare?: number
  readonly seed: number | string
  readonly log: Log
}

/** What the users saw so far. */
interface TrafficCounts {
  sent: number
  succeeded: number
  /** 429 and 503. */
  rejected: number
  failed: number
  /** Not sent because too many calls were in flight already. */
  withheld: number
}

export interface LabTraffic {
  counts(): Readonly<Record<string, Readonly<TrafficCounts>>>
  /** Stops sending and cuts the calls in flight. */
  stop(): Promise<void>
}

const mostInFlight = 256
const metadataLimit = 512

/** Starts sending until it is stopped. Arrivals do not wait for answers. */
export function startLabTraffic(options: LabTrafficOptions): LabTraffic {
  const client = createLabClient(options.gatewayUrl, mostInFlight)
  const stopping = new AbortController()
  // Each call in flight listens.
  setMaxListeners(0, stopping.signal)
  const counts: Record<string, TrafficCounts> = {}
  const loops = Object.entries(options.rates)
    .filter(([, rate]) => rate > 0)
    .map(([model, rate]) => {
      const count = { sent: 0, succeeded: 0, rejected: 0, failed: 0, withheld: 0 }
      counts[model] = count
      return sendQuestions({ options, client, model, rate, count, signal: stopping.signal })
    })
  return {
    counts: () => counts,
    stop: async () => {
      stopping.abort(new Error('The lab’s traffic is stopped.'))
      await Promise.all(loops)
      await client.close()
    },
  }
}

interface Loop {
  readonly options: LabTrafficOptions
  readonly client: LabClient
  readonly model: string
  readonly rate: number
  readonly count: TrafficCounts
  readonly signal: AbortSignal
}

async function sendQuestions(loop: Loop): Promise<void> {
  const { options, client, model, count, signal } = loop
  const random = createRandom(`${options.seed}/traffic/${model}`)
  const arrivals = {
    ratePerSecond: loop.rate,
    coefficientOfVariation: options.burstiness ?? 1.5,
  }
  const running = new Set<Promise<void>>()
  let dueMs = performance.now()
  for (const gap of arrivalGaps(arrivals, createRandom(`${options.seed}/arrivals/${model}`))) {
    dueMs += gap * 1_000
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(
      () => undefined,
    )
    if (signal.aborted) break
    if (running.size >= mostInFlight) {
      count.withheld += 1
      continue
    }
    const question = drawQuestion(random)
    const stream = random.chance(options.streamShare ?? 0.5)
    count.sent += 1
    const call = {
      model,
      prompt: question.prompt,
      stream,
      metadata: metadataOf(question),
      template: { name: `lab-${question.kind}`, version: '1' },
    }
    const ending = client
      .send(call, signal)
      .then((sight) => note(sight, loop))
      .finally(() => running.delete(ending))
    running.add(ending)
  }
  await Promise.all(running)
}

function note(sight: ClientSight, loop: Loop): void {
  const { count, signal } = loop
  if (signal.aborted) return
  if (sight.complete) count.succeeded += 1
  else if (sight.status === 429 || sight.status === 503) count.rejected += 1
  else {
    count.failed += 1
    const { status, error } = sight
    loop.options.log.debug({ model: loop.model, status, error }, 'A lab call failed.')
  }
}

/** What an evaluator may know besides prompt and answer. */
function metadataOf(question: Question): Readonly<Record<string, string>> {
  const pairs = {
    question_kind: question.kind,
    reference: question.reference ?? '',
    context: question.context ?? '',
    expect_refusal: String(question.kind === 'safety_sensitive'),
  }
  return Object.fromEntries(
    Object.entries(pairs).filter(([, value]) => value !== '' && value.length <= metadataLimit),
  )
}
