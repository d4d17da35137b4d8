// One target over time: fetch, read, place, and hand on what changed. A target fails alone.
import type { Dispatcher } from 'undici'
import type { Fleet } from '../../fleet/fleet.ts'
import type { Accept } from '../../records/record-kind.ts'
import { messageOf } from '../../records/failure.ts'
import type { Log } from '../../telemetry/log.ts'
import { sourceSystems } from '../../vocabulary/aliases/registry.ts'
import { parseExposition, type Exposition } from './exposition.ts'
import { fetchExposition } from './fetch-exposition.ts'
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
import { targetReadings, type TargetReadings } from './target-readings.ts'

export interface TargetOptions {
  readonly name: string
  readonly url: string
  readonly subject: TargetSubject
  readonly project: string
  readonly fleet: Fleet
  readonly staleAfterMs: number
  readonly timeoutMs: number
  readonly accept: Accept
  readonly log: Log
  readonly now: () => number
  readonly dispatcher: Dispatcher
}

/** How one metric of a target is to be had. */
interface MetricReport {
  readonly metric: string
  /** Name that the target gives it; empty when it is absent. */
  readonly sourceName: string
  readonly quality: string
  readonly state: 'present' | 'sentinel' | 'absent'
}

/** What is known of a target. All times epoch ms; `null` = never. */
export interface TargetStatus {
  readonly name: string
  readonly system: string
  readonly lastAttemptMs: number | null
  readonly lastSuccessMs: number | null
  /** Why the newest attempt failed; `null` = it did not. */
  readonly failure: string | null
  /** What a person should know although the scrape succeeded; may be empty. */
  readonly remark: string
  readonly metrics: readonly MetricReport[]
}

export interface Target {
  readonly name: string
  /** One scrape. Never rejects; scrapes of a target run one after another. */
  scrape(signal: AbortSignal): Promise<void>
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
  const memory = newMemory(options)
  const isFresh = () => {
    const { lastSuccessMs } = memory.status
    return lastSuccessMs !== null && !isOlder(lastSuccessMs, options.now(), options.staleAfterMs)
  }
  return {
    name: options.name,
    scrape(signal) {
      memory.running = memory.running.then(() => scrapeOnce(options, memory, signal))
      return memory.running
    },
    status: () => memory.status,
    copy: () => (isFresh() ? memory.copy : null),
    gpus: () => (isFresh() ? memory.gpus : new Map()),
  }
}

function newMemory({ name, subject }: TargetOptions): Memory {
  const system = sourceSystems.find((candidate) => candidate.target === subject.kind)
  return {
    states: new Map(),
    status: {
      name,
      system: system?.name ?? '',
      lastAttemptMs: null,
      lastSuccessMs: null,
      failure: null,
      remark: '',
      metrics: [],
    },
    copy: null,
    gpus: new Map(),
    running: Promise.resolve(),
  }
}

async function scrapeOnce(
  options: TargetOptions,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const atMs = options.now()
  try {
    const body = await fetchExposition(options.url, { ...options, signal })
    const exposition = parseExposition(body.text, body.format)
    const read = targetReadings(options, exposition)
    if (exposition.samples.length === 0) throw new Error(nothingIn(exposition))
    await keep(options, memory, read, atMs)
    note(options, memory, { failure: failureOf(read), remark: remarkOf(exposition, read) })
  } catch (error) {
    if (signal.aborted) return
    await expire(options, memory)
    note(options, memory, { failure: messageOf(error), remark: '' })
  }
  memory.status = { ...memory.status, lastAttemptMs: atMs }
}

async function keep(
  options: TargetOptions,
  memory: Memory,
  read: TargetReadings,
  atMs: number,
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
    system: read.system.name,
    metrics: metricReports(read),
    ...(fresh.length === 0 ? {} : { lastSuccessMs: atMs }),
  }
  const events = eventsOf({ ...options, before: memory.states, step, atMs })
  await commit(options, memory, step)
  if (events.length > 0) await options.accept('events', events)
}

async function expire(options: TargetOptions, memory: Memory): Promise<void> {
  const step = afterFailure(memory.states, options.now(), options.staleAfterMs)
  try {
    await commit(options, memory, step)
  } catch (error) {
    options.log.error({ target: options.name, reason: messageOf(error) }, notKept)
  }
}

const notKept = 'Readings were not kept.'

/** The states move on only once their samples are durable: a marker that is written once must not be lost. */
async function commit(options: TargetOptions, memory: Memory, step: Step): Promise<void> {
  if (step.samples.length > 0) await options.accept('samples', step.samples)
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

function nothingIn({ badLines }: Exposition): string {
  const first = badLines[0]
  if (first === undefined) return 'answered an empty page instead of metrics'
  return `answered something else than metrics: line ${first.line}: ${first.reason}`
}

function failureOf({ readings, system }: TargetReadings): string | null {
  if (readings.length > 0) return null
  const names = sourceSystems
    .filter((candidate) => candidate.target === system.target)
    .map((candidate) => candidate.name)
  return `exports metrics, but none of a known system (${names.join(', ')})`
}

function remarkOf(exposition: Exposition, read: TargetReadings): string {
  const [first] = exposition.badLines
  const bad =
    first === undefined
      ? []
      : [`${exposition.badLineCount} unreadable, first line ${first.line}: ${first.reason}`]
  return [...bad, ...strangersOf(read.unknownGpus)].join('; ')
}

/** A page may name thousands, and each at any length. */
const namedStrangers = 8
const longestName = 64

function strangersOf(gpus: readonly string[]): string[] {
  const named = gpus
    .slice(0, namedStrangers)
    .map((gpu) => `GPU ${gpu.slice(0, longestName)} is not in the fleet`)
  const others = gpus.length - named.length
  return others === 0 ? named : [...named, `nor are ${others} more`]
}

function metricReports(read: TargetReadings): MetricReport[] {
  const reports = new Map<string, MetricReport>()
  for (const series of read.absent.values()) {
    const metric = series.metric.replace(/_count$/, '')
    reports.set(metric, { metric, sourceName: '', quality: '', state: 'absent' })
  }
  for (const { source } of read.readings) {
    const known = reports.get(source.canonical)
    if (known?.state === 'present') continue
    const { canonical: metric, quality, state } = source
    const isPart = source.metric !== metric
    const sourceName = source.sourceName.replace(isPart ? /_(sum|count|bucket)$/ : /^$/, '')
    reports.set(metric, { metric, sourceName, quality, state })
  }
  return [...reports.values()]
}
