// Scrapes the model server of each copy and the GPU exporter of each server, each on its own clock:
// a target that is down, slow or talks garbage delays no other.
import { createHash } from 'node:crypto'
import { Agent } from 'undici'
import type { Config } from '../config/schema.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { copyById } from '../fleet/topology.ts'
import type { MachineState } from '../records/call.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Log } from '../telemetry/log.ts'
import type { GpuSummary } from './prometheus/machine-summary.ts'
import {
  createTarget,
  type Target,
  type TargetOptions,
  type TargetStatus,
} from './prometheus/scrape.ts'
import { isOlder } from './prometheus/series-states.ts'

export interface ScrapingOptions {
  readonly config: Config
  readonly fleet: Fleet
  readonly accept: Accept
  readonly log: Log
  /** Epoch ms. */
  readonly now?: () => number
}

/** How fresh a target is. */
interface TargetFreshness {
  readonly name: string
  /** System that it was recognised as, e.g. `vllm`. */
  readonly kind: string
  readonly lastSuccessMs: number | null
  readonly state: 'ok' | 'stale' | 'failing' | 'waiting'
  readonly detail: string
}

export interface Scraping {
  /** State of a copy and its GPUs now, for the calls that run on it. */
  machineState(copyId: string): MachineState
  freshness(): TargetFreshness[]
  /** Latest busy share of each GPU of the fleet by id; `null` = no fresh reading. */
  gpuWork(): Map<string, number | null>
  /** What each target exports under which name, and what it lacks. */
  targets(): TargetStatus[]
  /** Scrapes every target once, now. */
  tick(): Promise<void>
  stop(): Promise<void>
}

/** Starts scraping every target of the fleet every `scrapeEvery`. */
export function startScraping(options: ScrapingOptions): Scraping {
  const { config, fleet } = options
  const now = options.now ?? Date.now
  const { scrapeEvery, scrapeTimeout, staleAfter } = config.fleet
  // Connections are not limited: targets of one address must not wait for the slow one among them.
  const dispatcher = new Agent({
    headersTimeout: scrapeTimeout,
    bodyTimeout: scrapeTimeout,
    connect: { timeout: scrapeTimeout },
  })
  const shared = {
    ...options,
    project: config.project,
    staleAfterMs: staleAfter,
    timeoutMs: scrapeTimeout,
    now,
    dispatcher,
  }
  const targets = targetsOf(fleet).map((target) => createTarget({ ...shared, ...target }))
  const stopping = new AbortController()
  const clocks = targets.map((target) => keepScraping(target, scrapeEvery, stopping.signal))
  const gpus = () => new Map(targets.flatMap((target) => [...target.gpus()]))
  return {
    machineState: (copyId) => machineState(fleet, targets, copyId),
    freshness: () => targets.map((target) => freshnessOf(target.status(), now(), staleAfter)),
    gpuWork() {
      const summaries = gpus()
      return new Map(fleet.gpus.map((gpu) => [gpu.id, summaries.get(gpu.id)?.duty ?? null]))
    },
    targets: () => targets.map((target) => target.status()),
    async tick() {
      await Promise.all(targets.map((target) => target.scrape(stopping.signal)))
    },
    async stop() {
      stopping.abort()
      await Promise.all(clocks)
      await dispatcher.destroy()
    },
  }
}

type TargetIdentity = Pick<TargetOptions, 'name' | 'url' | 'subject'>

function targetsOf(fleet: Fleet): TargetIdentity[] {
  const copies = fleet.components.flatMap((component) => component.copies)
  return [
    ...copies.map((copy) => ({
      name: copy.id,
      url: copy.metricsUrl,
      subject: { kind: 'copy' as const, copy },
    })),
    ...fleet.nodes.flatMap(({ name, dcgmUrl }) =>
      dcgmUrl === null
        ? []
        : [{ name, url: dcgmUrl, subject: { kind: 'node' as const, node: name } }],
    ),
  ]
}

/** However short an interval is asked for, a target is not read without a pause. */
const shortestIntervalMs = 100

/** The first scrape comes soon, so that a fresh start shows something; the next ones keep to their phase. */
const longestFirstDelayMs = 1_000

async function keepScraping(target: Target, asked: number, signal: AbortSignal): Promise<void> {
  const everyMs = Math.max(asked, shortestIntervalMs)
  const phase = createHash('sha256').update(target.name).digest().readUInt32LE(0) / 2 ** 32
  await pause(phase * Math.min(everyMs, longestFirstDelayMs), signal)
  while (!signal.aborted) {
    await target.scrape(signal)
    await pause(untilPhase(Date.now(), phase * everyMs, everyMs), signal)
  }
}

/** Milliseconds to the next instant of the target's own phase, so that targets spread over the interval. */
function untilPhase(timeMs: number, phaseMs: number, everyMs: number): number {
  return everyMs - ((timeMs - phaseMs) % everyMs)
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, durationMs)
    signal.addEventListener('abort', done, { once: true })
  })
}

function machineState(fleet: Fleet, targets: readonly Target[], copyId: string): MachineState {
  const gpuIds = copyById(fleet, copyId)?.gpuIds ?? []
  const copy = targets.find((target) => target.name === copyId && target.copy() !== null)?.copy()
  const gpus = gpuIds.flatMap((id) => {
    const summary = targets.map((target) => target.gpus().get(id)).find(isKnown)
    return summary === undefined ? [] : [summary]
  })
  const duties = gpus.flatMap(({ duty }) => duty ?? [])
  const temperatures = gpus.flatMap(({ temperatureCelsius }) => temperatureCelsius ?? [])
  return {
    gpuIds,
    requestsRunning: copy?.requestsRunning ?? null,
    requestsWaiting: copy?.requestsWaiting ?? null,
    kvCacheUsage: copy?.kvCacheUsage ?? null,
    gpuDuty:
      duties.length === 0 ? null : duties.reduce((sum, duty) => sum + duty, 0) / duties.length,
    gpuTemperatureCelsius: temperatures.length === 0 ? null : Math.max(...temperatures),
  }
}

function isKnown(summary: GpuSummary | undefined): summary is GpuSummary {
  return summary !== undefined
}

function freshnessOf(status: TargetStatus, atMs: number, staleAfterMs: number): TargetFreshness {
  const { name, system, lastAttemptMs, lastSuccessMs, failure, remark } = status
  return {
    name,
    kind: system,
    lastSuccessMs,
    state: stateOf(status, atMs, staleAfterMs),
    detail: failure ?? (lastAttemptMs === null ? 'not scraped yet' : remark),
  }
}

function stateOf(
  { lastAttemptMs, lastSuccessMs, failure }: TargetStatus,
  atMs: number,
  staleAfterMs: number,
): TargetFreshness['state'] {
  if (lastAttemptMs === null) return 'waiting'
  if (failure !== null) return 'failing'
  return lastSuccessMs === null || isOlder(lastSuccessMs, atMs, staleAfterMs) ? 'stale' : 'ok'
}
