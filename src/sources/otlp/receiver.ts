// The OTLP receiver: what it remembers, and one entrance for each signal. HTTP is outside.
import { createHash } from 'node:crypto'
import type { Accept } from '../../records/record-kind.ts'
import type { AcceptOnce } from '../../spool/accept-once.ts'
import { createBesideSpans, type BesideSpan } from './beside-spans.ts'
import { scoreOf, type Evaluation } from './evaluation.ts'
import { receiveLogs, sizeOf } from './logs.ts'
import { receiveMetrics } from './metrics/receive-metrics.ts'
import { createRunningTotals } from './metrics/running-totals.ts'
import type { FindCalls, ReceiverParts } from './parts.ts'
import { createRecentCalls, type KnownCall } from './recent-calls.ts'
import type { Settings } from './settings.ts'
import { scoreId } from './score-id.ts'
import { createSpanFamily } from './span-family.ts'
import { countLost } from './tally.ts'
import { receiveTraces } from './traces.ts'
import { decodeRequest, type Encoding } from './wire/export-request.ts'
import type { Outcome, Signal } from './wire/export-answer.ts'
import { logsRequest } from './wire/log-messages.ts'
import { metricsRequest } from './wire/metric-messages.ts'
import { traceRequest } from './wire/trace-messages.ts'
import type { WaitingVerdicts } from './waiting-verdicts.ts'

export interface ReceiverOptions {
  readonly accept: Accept
  /** Shared by all doors, so that a retry is known whichever way it comes. */
  readonly once: AcceptOnce
  /** Looks calls up in the store. */
  readonly findCalls: FindCalls
  /** Those of the keys (`trace:span` of a caller, or id of an answer) of calls that our gateway has recorded itself. */
  readonly passedGateway: (keys: readonly string[]) => Promise<ReadonlySet<string>>
  /** Verdicts whose call has not come yet. */
  readonly waiting: WaitingVerdicts
  /** Looked up for each request, since a reload exchanges it. */
  readonly settings: () => Settings
  /** Epoch milliseconds. */
  readonly now: () => number
}

export interface OtlpReceiver {
  /**
   * Takes one export request. Resolves once everything in it is durable; rejects with a `UserError` for bytes that are
   * no request, and with a `RetryableError` when nothing more can be taken now.
   */
  receive(signal: Signal, encoding: Encoding, bytes: Uint8Array): Promise<Outcome>
}

const mostRecentCalls = 50_000
const mostDeltaSeries = 50_000
/** Text and verdicts that wait for their span. */
const beside = { mostBytes: 32 * 1_024 ** 2, longestMs: 120_000 }

export function createOtlpReceiver(options: ReceiverOptions): OtlpReceiver {
  const parts = createParts(options)
  const metricsParts = {
    accept: options.accept,
    once: options.once,
    totals: createRunningTotals(mostDeltaSeries),
    inTurn: createTurns(),
  }
  return {
    async receive(signal, encoding, bytes) {
      const settings = options.settings()
      if (signal === 'traces') {
        const request = decodeRequest(traceRequest, encoding, bytes)
        return await receiveTraces(request, parts, settings)
      }
      if (signal === 'logs') {
        const request = decodeRequest(logsRequest, encoding, bytes)
        return await receiveLogs(request, parts, settings)
      }
      const request = decodeRequest(metricsRequest, encoding, bytes)
      return await receiveMetrics(request, digestOf(bytes), metricsParts, settings)
    },
  }
}

function createParts(options: ReceiverOptions): ReceiverParts {
  const { waiting } = options
  const parts: ReceiverParts = {
    accept: options.accept,
    once: options.once,
    recent: createRecentCalls(mostRecentCalls),
    beside: createBesideSpans({
      ...beside,
      now: options.now,
      onGivenUp: (callId, part) => void giveUp(callId, part, parts, options.settings()),
    }),
    waiting,
    family: createSpanFamily(mostRecentCalls),
    findCalls: options.findCalls,
    passedGateway: options.passedGateway,
  }
  for (const { callId, evaluation } of waiting.left) {
    parts.beside.add(callId, { evaluations: [evaluation] }, sizeOf(evaluation.attributes))
  }
  return parts
}

/** A verdict whose span never came is one on a call that only the store knows, or on a call of an unknown model. */
async function giveUp(
  callId: string,
  { events, evaluations }: BesideSpan,
  { once, findCalls, waiting }: ReceiverParts,
  settings: Settings,
): Promise<void> {
  if (events.length > 0) countLost(events.length)
  if (evaluations.length === 0) return
  try {
    const stored = (await findCalls([callId])).get(callId)
    const scores = evaluations.map((evaluation) =>
      scoreOf(evaluation, stored ?? unknownCall(callId, evaluation), settings),
    )
    await once.records('scores', scores, scoreId)
    waiting.settle(callId)
  } catch {
    // Store or disk refuse: they stay in the file, and the next start takes them up again.
  }
}

function unknownCall(callId: string, { timeMs }: Evaluation): KnownCall {
  const startedAtMs = Math.floor(timeMs)
  return { callId, model: 'unknown', component: '', startedAtMs, endedAtMs: timeMs }
}

/** One after another, in order of arrival, whatever becomes of those before. */
function createTurns(): <Result>(run: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return async (run) => {
    const mine = last.then(run, run)
    last = mine
    return await mine
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}
