// One target over time: fetch, read, place, and hand on what changed. A target fails alone.
import type { Fleet } from '../../fleet/fleet.ts'
import type { Accept } from '../../records/record-kind.ts'
import { messageOf } from '../../records/failure.ts'
import type { Log } from '../../telemetry/log.ts'
import { copySummary, gpuSummary, type CopySummary, type GpuSummary } from './machine-summary.ts'
import type { TargetSubject } from './placement.ts'
import { grouped } from './reading.ts'
import {
  afterFailure,
  afterScrape,
  isOlder,
  type SeriesStates,
  type Step,
} from './series-states.ts'
import { eventsOf } from './target-events.ts'
import { healthSamples, type ScrapeOutcome } from './target-health.ts'
import { readPage, type PageSettings } from './target-page.ts'
import { targetReadings, type TargetReadings } from './target-readings.ts'
import { failureOf, metricReports, remarkOf, untried, type TargetStatus } from './target-status.ts'

export interface TargetOptions {
  readonly name: string
  readonly url: string
  readonly subject: TargetSubject
  readonly page: PageSettings
  readonly keepUnknown: boolean
  readonly project: string
  readonly fleet: Fleet
  readonly staleAfterMs: number
  readonly accept: Accept
  readonly log: Log
  readonly now: () => number
}

export interface Target {
  readonly name: string
  readonly subject: TargetSubject
  readonly staleAfterMs: number
  /** One scrape. Never rejects; scrapes of a target run one after another. */
  scrape(signal: AbortSignal): Promise<void>
  /** The target is gone: its readings are stale from now on. Never rejects; waits for a scrape under way. */
  end(): Promise<void>
  status(): TargetStatus
  /** `null` = no scrape within the age at which readings count as stale. */
  copy(): CopySummary | null
  /** By GPU id; empty when stale. */
  gpus(): ReadonlyMap<string, GpuSummary>
}

interface Memory {
  states: SeriesStates
  status: TargetStatus
  copy: CopySummary | null
  gpus: ReadonlyMap<string, GpuSummary>
  running: Promise<void>
}

/** A target that has not been scraped yet. */
export function createTarget(options: TargetOptions): Target {
  const { name, subject, staleAfterMs } = options
  const memory: Memory = {
    states: new Map(),
    status: untried(name, subject),
    copy: null,
    gpus: new Map(),
    running: Promise.resolve(),
  }
  const isFresh = () => {
    const { lastSuccessMs } = memory.status
    return lastSuccessMs !== null && !isOlder(lastSuccessMs, options.now(), options.staleAfterMs)
  }
  const queue = (step: () => Promise<void>) => {
    memory.running = memory.running.then(step)
    return memory.running
  }
  return {
    name,
    subject,
    staleAfterMs,
    scrape: (signal) => queue(() => scrapeOnce(options, memory, signal)),
    end: () => queue(() => expire(options, memory, null)),
    status: () => memory.status,
    copy: () => (isFresh() ? memory.copy : null),
    gpus: () => (isFresh() ? memory.gpus : new Map()),
  }
}

async function scrapeOnce(
  options: TargetOptions,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const atMs = options.now()
  const started = performance.now()
  const outcome = { isUp: false, durationMs: 0, scraped: 0, kept: 0 }
  try {
    const { exposition, scraped } = await readPage(options.url, options.page, signal)
    const read = targetReadings(options, exposition)
    Object.assign(outcome, { isUp: true, scraped, kept: exposition.samples.length })
    outcome.durationMs = performance.now() - started
    await keep(options, memory, { read, atMs, outcome })
    note(options, memory, { failure: failureOf(read), remark: remarkOf(exposition, read) })
  } catch (error) {
    if (signal.aborted) return
    outcome.durationMs = performance.now() - started
    await expire(options, memory, { ...outcome, isUp: false })
    note(options, memory, { failure: messageOf(error), remark: '' })
  }
  const { durationMs, isUp, scraped } = outcome
  const samples = isUp ? scraped : null
  memory.status = { ...memory.status, lastAttemptMs: atMs, durationMs, samples }
}

interface Success {
  readonly read: TargetReadings
  readonly atMs: number
  readonly outcome: ScrapeOutcome
}

async function keep(
  options: TargetOptions,
  memory: Memory,
  { read, atMs, outcome }: Success,
): Promise<void> {
  const step = afterScrape(memory.states, {
    readings: read.readings,
    absent: read.absent,
    atMs,
    staleAfterMs: options.staleAfterMs,
  })
  const fresh = read.readings
    .filter((reading) => step.states.get(reading.key)?.state !== 'stale')
    .map(({ source, place }) => ({ source, gpuId: place.gpuId }))
  const sources = fresh.map((reading) => reading.source)
  const byGpu = grouped(
    fresh.filter((reading) => reading.gpuId !== null),
    (reading) => reading.gpuId ?? '',
  )
  memory.copy = options.subject.kind === 'copy' ? copySummary(sources) : null
  memory.gpus = new Map(
    [...byGpu].map(([id, group]) => [id, gpuSummary(group.map((reading) => reading.source))]),
  )
  memory.status = {
    ...memory.status,
    system: read.system?.name ?? '',
    metrics: metricReports(read),
    ...(fresh.length === 0 ? {} : { lastSuccessMs: atMs }),
  }
  const events = eventsOf({ ...options, before: memory.states, step, atMs })
  await commit(options, memory, { step, outcome, atMs })
  if (events.length > 0) await options.accept('events', events)
}

/** @param outcome `null` = the target is gone, so that nothing is to be said of its state */
async function expire(
  options: TargetOptions,
  memory: Memory,
  outcome: ScrapeOutcome | null,
): Promise<void> {
  const atMs = options.now()
  const step = afterFailure(memory.states, atMs)
  try {
    await commit(options, memory, { step, outcome, atMs })
  } catch (error) {
    options.log.error({ target: options.name, reason: messageOf(error) }, notKept)
  }
}

const notKept = 'Readings were not kept.'

/** The states move on only once their samples are durable: a marker that is written once must not be lost. */
async function commit(
  options: TargetOptions,
  memory: Memory,
  commitment: {
    readonly step: Step
    readonly outcome: ScrapeOutcome | null
    readonly atMs: number
  },
): Promise<void> {
  const { step, outcome, atMs } = commitment
  const health = outcome === null ? [] : healthSamples(options, outcome, atMs)
  const samples = [...step.samples, ...health]
  if (samples.length > 0) await options.accept('samples', samples)
  memory.states = step.states
}

function note(
  { log, name }: TargetOptions,
  memory: Memory,
  outcome: { failure: string | null; remark: string },
): void {
  const { failure } = memory.status
  if (outcome.failure !== failure) {
    if (outcome.failure === null) log.info({ target: name }, 'A metrics target answers again.')
    else log.warn({ target: name, reason: outcome.failure }, 'A metrics target cannot be read.')
  }
  memory.status = { ...memory.status, ...outcome }
}
