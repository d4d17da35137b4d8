// The evaluation loop. The trace is the queue: unscored sampled calls are read from the store, scored, and
// all scores of a call are handed over at once, so a crash between two calls loses and doubles nothing.
import type { Config } from '../config/schema.ts'
import { messageOf } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Score } from '../records/score.ts'
import { evaluationCost } from '../store/queries/unscored-calls.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import type { Encoder } from './encoder.ts'
import { type EvaluationQueue, openQueue } from './evaluation-queue.ts'
import { type EvaluationWorker, openWorker } from './evaluation-worker.ts'
import { type Judge, type JudgeStats, openJudge } from './judge.ts'
import { openPanel } from './judge-panel.ts'
import { openEncoder } from './open-encoder.ts'
import { openPace, type Pace } from './pace.ts'
import { planEvaluators } from './plan.ts'
import { scoreCall } from './score-call.ts'
import { openSpendRecord } from './spend-record.ts'
import { evaluatorWarnings } from './validate.ts'

export interface EvaluationOptions {
  readonly config: Pick<Config, 'project' | 'quality'>
  readonly store: Store
  readonly accept: Accept
  readonly log: Log
  /** Clock in epoch milliseconds. */
  readonly now?: () => number
  /** File that remembers what the judge may have spent today; without it the scores in the store say it alone. */
  readonly spendFile?: string
  /** Called with the scores of a call once they are durable. */
  readonly onScored?: (scores: readonly Score[]) => void
}

export interface Evaluation {
  /** The judge with its budget, for others who ask it; `null` where none is configured or nothing is evaluated. */
  readonly judge: Judge | null
  /** The sentence encoder, for others too; absent where nothing is evaluated. */
  readonly encoder?: Encoder
  /** Takes no more calls and resolves when the running verdicts are handed over or given up. */
  stop(): Promise<void>
  /** New calls or scores were loaded into the store: look again now. */
  wake(): void
  stats(): EvaluationStats
}

export interface EvaluationStats {
  /** Calls that wait for their turn. */
  readonly queued: number
  /** Calls whose verdicts are being made. */
  readonly underWay: number
  /** Verdicts since the start by outcome, composites aside. */
  readonly scored: number
  readonly skipped: number
  readonly failed: number
  readonly dropped: number
  /** From the end of the last scored call to its verdicts; `null` before the first. */
  readonly lagSeconds: number | null
  /** `null` without a judge. */
  readonly judge: JudgeStats | null
}

/**
 * Starts scoring. Throws a `UserError` when an evaluator's configuration is wrong.
 * Start it after what the spool held over is loaded: scores of an earlier process that are durable but
 * not yet in the store would be made a second time.
 */
export function startEvaluation(options: EvaluationOptions): Evaluation {
  const { config, accept, log, onScored } = options
  const { quality } = config
  const plan = planEvaluators(quality)
  if (!quality.enabled || quality.evaluators.length === 0) return idle
  for (const warning of evaluatorWarnings(config)) log.warn({ warning }, 'Check the evaluators.')
  const now = options.now ?? Date.now
  const judge = judgeOf(options, now)
  const encoder = openEncoder(quality.encoder)
  const queue = openQueue({
    store: options.store,
    project: config.project,
    models: plan.models,
    parallelPerModel: Math.max(8, 2 * (quality.judge?.concurrency ?? 0)),
    now,
  })
  const pace = openPace(quality.pollEvery)
  const composite = { ...quality.composite, goodAnswer: quality.goodAnswer }
  const worker = openWorker({
    queue,
    accept,
    log,
    onScored,
    onDry: () => pace.hurry(),
    score: (call, signal) => {
      const evaluators = plan.evaluatorsFor(call.model)
      return scoreCall(call, { evaluators, composite, context: { judge, encoder, signal }, now })
    },
  })
  const loop = keepLooking({ ...options, now }, { judge, pace, queue, worker })
  let stopping: Promise<void> | undefined
  return {
    judge,
    encoder,
    wake: () => pace.wake(),
    stats: () => ({
      ...worker.tally(),
      queued: queue.queued(),
      underWay: queue.underWay(),
      lagSeconds: worker.lagSeconds(),
      judge: judge?.stats() ?? null,
    }),
    stop: () => (stopping ??= stop({ judge, encoder, pace, worker }, loop)),
  }
}

/** The configured judge, or the panel of all of them; each has its own budget and its own record of it. */
function judgeOf({ config, spendFile }: EvaluationOptions, now: () => number): Judge | null {
  const { judge, judges } = config.quality
  if (judge === undefined) return null
  const opened = [judge, ...judges].map((one, at) => {
    if (spendFile === undefined) return openJudge(one, { now })
    const file = at === 0 ? spendFile : spendFile.replace(/(\.json)?$/, `-${at + 1}.json`)
    return openJudge(one, { now, record: openSpendRecord(file) })
  })
  const [first] = opened
  return opened.length === 1 && first !== undefined ? first : openPanel(opened)
}

/** Longest wait for running verdicts at the end. */
const stopGraceMs = 35_000

interface Parts {
  readonly judge: Judge | null
  readonly encoder: Encoder
  readonly pace: Pace
  readonly queue: EvaluationQueue
  readonly worker: EvaluationWorker
}

/** Looks for work until stopped. Never rejects: a store that is away is looked at again after the pause. */
async function keepLooking(
  options: EvaluationOptions & { readonly now: () => number },
  { judge, pace, queue, worker }: Omit<Parts, 'encoder'>,
): Promise<void> {
  let charged = judge === null
  let away = false
  while (!pace.stopped()) {
    try {
      if (!charged) await chargeToday(options, judge)
      charged = true
      await queue.refill()
      away = false
    } catch (error) {
      // Once per absence: the store says itself what is wrong with it.
      if (!away) options.log.warn({ error: messageOf(error) }, 'Unscored calls cannot be read.')
      away = true
    }
    worker.start()
    await pace.pause()
  }
}

/** What earlier processes spent today counts against today's budget. */
async function chargeToday(
  options: EvaluationOptions & { readonly now: () => number },
  judge: Judge | null,
): Promise<void> {
  const sinceMs = new Date(options.now()).setUTCHours(0, 0, 0, 0)
  judge?.charge(await evaluationCost(options.store, { project: options.config.project, sinceMs }))
}

async function stop(
  { judge, encoder, pace, worker }: Omit<Parts, 'queue'>,
  loop: Promise<void>,
): Promise<void> {
  pace.stop()
  await loop
  await worker.finish(stopGraceMs)
  await judge?.close()
  await encoder.close()
}

/** Nothing is configured, so nothing runs. */
const idle: Evaluation = {
  judge: null,
  stop: () => Promise.resolve(),
  wake: () => undefined,
  stats: () => ({
    queued: 0,
    underWay: 0,
    scored: 0,
    skipped: 0,
    failed: 0,
    dropped: 0,
    lagSeconds: null,
    judge: null,
  }),
}
