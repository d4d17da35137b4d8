// What happens to a call once its client has the last byte: reading, counting, redacting, recording. Nothing here
// is waited for by any client; work is done in short turns so that other calls' tokens pass between.
import { Counter, Histogram } from 'prom-client'
import type { Call } from '../records/call.ts'
import { messageOf } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import { registry } from '../telemetry/metrics.ts'
import type { CallFacts } from './call-facts.ts'
import { callRecord } from './call-record.ts'
import type { Outbox } from './outbox.ts'
import type { TokenCounter } from './token-counter.ts'

const calls = new Counter({
  name: 'equipoise_gateway_calls_total',
  help: 'Calls that are over, by what ended them.',
  labelNames: ['component', 'outcome'],
  registers: [registry],
})

const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

const timeToFirstToken = new Histogram({
  name: 'equipoise_gateway_time_to_first_token_seconds',
  help: 'From arrival to the first content, reasoning or tool delta.',
  labelNames: ['component'],
  buckets: latencyBuckets,
  registers: [registry],
})

const duration = new Histogram({
  name: 'equipoise_gateway_call_duration_seconds',
  help: 'From arrival to the last byte.',
  labelNames: ['component'],
  buckets: latencyBuckets,
  registers: [registry],
})

const queueTime = new Histogram({
  name: 'equipoise_gateway_queue_seconds',
  help: 'From arrival to a slot on a copy.',
  labelNames: ['component'],
  buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30],
  registers: [registry],
})

const droppedTexts = new Counter({
  name: 'equipoise_gateway_dropped_texts_total',
  help: 'Calls recorded without their text because too many were waiting to be recorded.',
  registers: [registry],
})

export interface Settlement {
  put(facts: CallFacts): void
  /** Resolves once each call put so far is in the outbox. */
  settled(): Promise<void>
}

export interface SettlementOptions {
  readonly outbox: Outbox
  readonly counter: TokenCounter
  readonly onCall: (call: Call, facts: CallFacts) => void
  readonly log: Log
}

/** Past this many waiting calls, texts are dropped and the rest of each record kept. */
const maxWithText = 2_000

/** Longest turn of the event loop taken, in milliseconds. */
const turnMs = 3

export function createSettlement({ outbox, counter, onCall, log }: SettlementOptions): Settlement {
  const waiting: CallFacts[] = []
  const running = new Set<Promise<void>>()
  let isScheduled = false

  function put(facts: CallFacts): void {
    waiting.push(waiting.length < maxWithText ? facts : withoutText(facts))
    schedule()
  }

  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    setImmediate(turn)
  }

  function turn(): void {
    isScheduled = false
    const until = performance.now() + turnMs
    let done = 0
    while (done < waiting.length && performance.now() < until) {
      const facts = waiting[done]
      done += 1
      if (facts === undefined) continue
      const work = record(facts).finally(() => running.delete(work))
      running.add(work)
    }
    waiting.splice(0, done)
    if (waiting.length > 0) schedule()
  }

  async function record(facts: CallFacts): Promise<void> {
    try {
      const call = await callRecord(facts, counter)
      observe(call)
      outbox.put(call)
      onCall(call, facts)
    } catch (error) {
      log.error({ callId: facts.callId, error: messageOf(error) }, 'A call could not be recorded.')
    }
  }

  async function settled(): Promise<void> {
    while (waiting.length > 0 || running.size > 0) {
      await Promise.all(running)
      if (waiting.length > 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  return { put, settled }
}

function withoutText(facts: CallFacts): CallFacts {
  if (facts.isSampled) droppedTexts.inc()
  const { config } = facts.generation
  const generation = {
    ...facts.generation,
    config: { ...config, gateway: { ...config.gateway, capture: 'none' as const } },
  }
  return { ...facts, generation }
}

function observe(call: Call): void {
  const component = call.component === '' ? 'none' : call.component
  calls.inc({ component, outcome: call.outcome })
  if (call.outcome !== 'success') return
  duration.observe({ component }, call.totalSeconds)
  if (call.ttftSeconds !== null) timeToFirstToken.observe({ component }, call.ttftSeconds)
  if (call.queueSeconds !== null) queueTime.observe({ component }, call.queueSeconds)
}
