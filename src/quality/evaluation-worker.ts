// Takes calls off the queue, has them scored and hands the scores over.
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Score, ScoreOutcome } from '../records/score.ts'
import type { SampledCall } from '../store/queries/unscored-calls.ts'
import type { Log } from '../telemetry/log.ts'
import { compositeName } from './composite.ts'
import type { EvaluationQueue } from './evaluation-queue.ts'
import { samplesOf } from './score-samples.ts'

export interface WorkerOptions {
  readonly queue: EvaluationQueue
  readonly accept: Accept
  readonly log: Log
  /** Scores of a call; rejects only when the signal aborts. */
  readonly score: (call: SampledCall, signal: AbortSignal) => Promise<readonly Score[]>
  /** Called with the scores of a call once they are durable. */
  readonly onScored: ((scores: readonly Score[]) => void) | undefined
  /** Called when a call is done and the store holds more than the queue lists. */
  readonly onDry: () => void
}

export interface EvaluationWorker {
  /** Starts every call that may start. */
  start(): void
  /** Verdicts by outcome, composites aside. */
  tally(): Readonly<Record<ScoreOutcome, number>>
  /** From the end of the last scored call to its verdicts; `null` before the first. */
  lagSeconds(): number | null
  /** Takes no more calls; running ones are given up after the grace and scored after the next start. */
  finish(graceMs: number): Promise<void>
}

export function openWorker(options: WorkerOptions): EvaluationWorker {
  const { queue } = options
  const tally = { scored: 0, skipped: 0, failed: 0, dropped: 0 }
  const giveUp = new AbortController()
  // Each verdict under way listens to it.
  setMaxListeners(0, giveUp.signal)
  const running = new Set<Promise<void>>()
  let lagSeconds: number | null = null
  let finishing = false

  function start(): void {
    for (;;) {
      const call = finishing ? undefined : queue.next()
      if (call === undefined) return
      const task: Promise<void> = run(call).then(() => after(task))
      running.add(task)
    }
  }

  function after(task: Promise<void>): void {
    running.delete(task)
    start()
    if (queue.hasMore()) options.onDry()
  }

  async function run(call: SampledCall): Promise<void> {
    try {
      const scores = await options.score(call, giveUp.signal)
      await insist(() => options.accept('scores', scores), options.log, giveUp.signal)
      queue.accepted(call)
      count(scores)
      options.onScored?.(scores)
      await insist(() => options.accept('samples', samplesOf(scores)), options.log, giveUp.signal)
    } catch (error) {
      queue.released(call)
      if (giveUp.signal.aborted) return
      options.log.error({ callId: call.callId, error: messageOf(error) }, 'A call was not scored.')
    }
  }

  function count(scores: readonly Score[]): void {
    for (const { evaluator, outcome } of scores) {
      if (evaluator !== compositeName) tally[outcome] += 1
    }
    lagSeconds = scores.at(-1)?.lagSeconds ?? lagSeconds
  }

  return {
    start,
    tally: () => tally,
    lagSeconds: () => lagSeconds,
    async finish(graceMs) {
      finishing = true
      const timer = setTimeout(() => giveUp.abort(), graceMs)
      await Promise.all(running)
      clearTimeout(timer)
    },
  }
}

const longestWaitMs = 30_000

/**
 * Hands over until it is taken: verdicts cost money and are not thrown away because a disk is full.
 * Meanwhile the call keeps its place, so nothing piles up. Rejects when `signal` aborts.
 */
async function insist(handOver: () => Promise<void>, log: Log, signal: AbortSignal): Promise<void> {
  for (let waitMs = 100; ; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
    try {
      await handOver()
      return
    } catch (error) {
      log.warn({ error: messageOf(error), waitMs }, 'Scores were not taken, trying again.')
      await sleep(waitMs, undefined, { signal })
    }
  }
}
