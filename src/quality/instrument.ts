// The judge as an instrument that is watched: how far it is behind, what it costs, why it gave no score, and when
// it became another one.
import type { Config } from '../config/schema.ts'
import { messageOf } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Score } from '../records/score.ts'
import { answerCoverage } from '../store/queries/answer-coverage.ts'
import { evaluatorVersions } from '../store/queries/evaluator-versions.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { openEvaluationMeter } from './evaluation-meter.ts'
import { writeExpired } from './expired-calls.ts'
import type { JudgeStats } from './judge.ts'
import { openPace, type Pace } from './pace.ts'
import { openVersionWatch, type VersionWatch } from './version-watch.ts'

export interface InstrumentOptions {
  readonly config: Pick<Config, 'project' | 'quality'>
  readonly store: Store
  readonly accept: Accept
  readonly log: Log
  /** Clock in epoch milliseconds. */
  readonly now: () => number
  /** Time between readings, in milliseconds. */
  readonly everyMs?: number
}

export interface Instrument {
  /** Counts the scores of a call; to be called once they are durable. */
  readonly observe: (scores: readonly Score[]) => void
  /** From where the judge's state is read. */
  watch(judge: () => JudgeStats | null): void
  stop(): Promise<void>
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Starts taking readings; does nothing where nothing is evaluated. */
export function startInstrument(options: InstrumentOptions): Instrument {
  const { config } = options
  if (!config.quality.enabled || config.quality.evaluators.length === 0) return idle
  const meter = openEvaluationMeter(config.project)
  const fresh: Score[] = []
  let judge = noJudge
  const pace = openPace(options.everyMs ?? 30_000)
  const loop = keepReading(pace, options, {
    watch: async (versions) => {
      const events = versions.observe(fresh.splice(0), options.now())
      if (events.length > 0) await options.accept('events', events)
    },
    read: async () => {
      const atMs = options.now()
      const query = { project: config.project, sinceMs: atMs - hourMs }
      const coverages = await answerCoverage(options.store, query)
      meter.show(coverages, judge())
      const samples = meter.samples(coverages, atMs)
      if (samples.length > 0) await options.accept('samples', samples)
    },
  })
  return {
    observe(scores) {
      meter.observe(scores)
      // Only what the watch of versions reads, and no more of it than a store that is away may pile up.
      if (fresh.length < mostFresh) fresh.push(...scores)
    },
    watch(stats) {
      judge = stats
    },
    async stop() {
      pace.stop()
      await loop
    },
  }
}

const noJudge = (): JudgeStats | null => null

const mostFresh = 10_000
/** Versions that were used within this time are known. */
const rememberMs = 30 * dayMs
const expiryEveryMs = 10 * 60_000

interface Reading {
  readonly watch: (versions: VersionWatch) => Promise<void>
  readonly read: () => Promise<void>
}

/** Never rejects: what fails is tried again at the next turn. */
async function keepReading(
  pace: Pace,
  options: InstrumentOptions,
  reading: Reading,
): Promise<void> {
  const { config, store, now, log } = options
  const { project } = config
  let versions: VersionWatch | undefined
  let expiredAtMs = Number.NEGATIVE_INFINITY
  while (!pace.stopped()) {
    try {
      const sinceMs = now() - rememberMs
      versions ??= openVersionWatch(await evaluatorVersions(store, { project, sinceMs }))
      await pace.pause()
      await reading.watch(versions)
      await reading.read()
      if (now() - expiredAtMs < expiryEveryMs) continue
      // The first look reaches far, since nobody looked while the program was off.
      const reachMs = Number.isFinite(expiredAtMs) ? dayMs : rememberMs
      await expire(options, { reachMs, atMs: now() })
      expiredAtMs = now()
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'The evaluators cannot be read off.')
      await pace.pause()
    }
  }
}

async function expire(
  options: InstrumentOptions,
  when: { readonly reachMs: number; readonly atMs: number },
): Promise<void> {
  const { project, quality } = options.config
  const composite = { ...quality.composite, goodAnswer: quality.goodAnswer }
  const count = await writeExpired({ ...options, project, composite }, when)
  if (count > 0) options.log.warn({ count }, 'Drawn answers were too old to be scored.')
}

const idle: Instrument = {
  observe: () => undefined,
  watch: () => undefined,
  stop: () => Promise.resolve(),
}
