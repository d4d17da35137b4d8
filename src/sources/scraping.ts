// Scrapes the model server of each copy, the GPU exporter of each server and the targets of jobs, each on its
// own clock: a target that is down, slow or talks garbage delays no other.
import type { Config } from '../config/schema.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { copyById } from '../fleet/topology.ts'
import type { MachineState } from '../records/call.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Log } from '../telemetry/log.ts'
import type { GpuSummary } from './prometheus/machine-summary.ts'
import { createTarget, type Target } from './prometheus/scrape.ts'
import type { TargetStatus } from './prometheus/target-status.ts'
import { isOlder } from './prometheus/series-states.ts'
import { openAccess } from './scrape/access.ts'
import { openJobTargets, type JobTargets } from './scrape/job-targets.ts'
import { fleetPages, jobPages, withoutClaimed, type PlannedPage } from './scrape/planned-targets.ts'
import { createTargetSet, pause, type PlannedTarget } from './scrape/target-set.ts'

export interface ScrapingOptions {
  readonly config: Config
  readonly fleet: Fleet
  readonly accept: Accept
  readonly log: Log
  /** Epoch ms. */
  readonly now?: () => number
}

/** How fresh a source is. */
interface SourceFreshness {
  readonly name: string
  /** System that a target was recognised as, e.g. `vllm`; `discovery` for the lists of a job's targets. */
  readonly kind: string
  readonly lastSuccessMs: number | null
  readonly state: 'ok' | 'stale' | 'failing' | 'waiting'
  readonly detail: string
  /** Time that the newest scrape took, and samples on its page; `null` = no page came. Only of targets. */
  readonly scrape?: { readonly durationMs: number | null; readonly samples: number | null }
}

export interface Scraping {
  /** State of a copy and its GPUs now, for the calls that run on it. */
  machineState(copyId: string): MachineState
  freshness(): SourceFreshness[]
  /** Latest busy share of each GPU of the fleet by id; `null` = no fresh reading. */
  gpuWork(): Map<string, number | null>
  /** What each target exports under which name, and what it lacks. */
  targets(): TargetStatus[]
  /** Looks for targets and scrapes each once, now. */
  tick(): Promise<void>
  stop(): Promise<void>
}

/** Starts scraping the fleet every `scrapeEvery` and the targets of jobs as often as these say. */
export function startScraping(options: ScrapingOptions): Scraping {
  const { config, fleet } = options
  const now = options.now ?? Date.now
  const access = {
    metrics: openAccess(config.fleet.metricsAccess, config.fleet.scrapeTimeout),
    dcgm: openAccess(config.fleet.dcgmAccess, config.fleet.scrapeTimeout),
  }
  const jobs = config.scrape.jobs.map((job) =>
    openJobTargets(job, fleet, job.timeout ?? config.fleet.scrapeTimeout),
  )
  const own = fleetPages(config, fleet, access)
  const planned = () => {
    const pages = withoutClaimed(
      own,
      jobs.flatMap((job) => jobPages(config, job)),
    )
    return pages.map((page) => plannedTarget({ ...options, now }, page))
  }
  const set = createTargetSet(planned())
  const update = () => set.update(planned())
  const stopping = new AbortController()
  const looking = jobs.flatMap(({ looks }) =>
    looks.map((one) => keepLooking(one, update, stopping.signal)),
  )
  const gpus = () => new Map(set.targets().flatMap((target) => [...target.gpus()]))
  return {
    machineState: (copyId) => machineState(fleet, set.targets(), copyId),
    freshness: () => [
      ...set.targets().map((target) => freshnessOf(target, now())),
      ...jobs.flatMap((job) => discoveryFreshness(job, now())),
    ],
    gpuWork() {
      const summaries = gpus()
      return new Map(fleet.gpus.map((gpu) => [gpu.id, summaries.get(gpu.id)?.duty ?? null]))
    },
    targets: () => set.targets().map((target) => target.status()),
    async tick() {
      const looks = jobs.flatMap((job) => job.looks)
      await Promise.all(looks.map((one) => one.look(stopping.signal)))
      await update()
      await Promise.all(set.targets().map((target) => target.scrape(stopping.signal)))
    },
    async stop() {
      stopping.abort()
      await Promise.all([set.stop(), ...looking])
      const closing = [access.metrics, access.dcgm, ...jobs]
      await Promise.all(closing.map((one) => one.close()))
    },
  }
}

function plannedTarget(
  { config, fleet, accept, log, now }: ScrapingOptions & { readonly now: () => number },
  page: PlannedPage,
): PlannedTarget {
  const { name, url, everyMs } = page
  return {
    key: JSON.stringify([name, url, page.page.labels]),
    everyMs,
    open: () => createTarget({ ...page, project: config.project, fleet, accept, log, now }),
  }
}

async function keepLooking(
  { everyMs, look }: JobTargets['looks'][number],
  update: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await look(signal)
    if (!signal.aborted) await update()
    await pause(Math.max(everyMs, shortestLookMs), signal)
  }
}

const shortestLookMs = 1_000

function machineState(fleet: Fleet, targets: readonly Target[], copyId: string): MachineState {
  const gpuIds = copyById(fleet, copyId)?.gpuIds ?? []
  const copy = targets
    .filter(({ subject }) => subject.kind === 'copy' && subject.copy.id === copyId)
    .map((target) => target.copy())
    .find((one) => one !== null)
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

function freshnessOf(target: Target, atMs: number): SourceFreshness {
  const { name, system, lastAttemptMs, lastSuccessMs, failure, remark, durationMs, samples } =
    target.status()
  return {
    name,
    kind: system === '' ? 'unknown' : system,
    lastSuccessMs,
    state: stateOf(target, atMs),
    detail: failure ?? (lastAttemptMs === null ? 'not scraped yet' : remark),
    scrape: { durationMs, samples },
  }
}

function stateOf(target: Target, atMs: number): SourceFreshness['state'] {
  const { lastAttemptMs, lastSuccessMs, failure } = target.status()
  if (lastAttemptMs === null) return 'waiting'
  if (failure !== null) return 'failing'
  return lastSuccessMs === null || isOlder(lastSuccessMs, atMs, target.staleAfterMs)
    ? 'stale'
    : 'ok'
}

/** Only of jobs whose targets are found, and of others where something is wrong with them. */
function discoveryFreshness({ job, looks, report }: JobTargets, atMs: number): SourceFreshness[] {
  const { isComplete, detail, problems } = report()
  if (looks.length === 0 && problems.length === 0) return []
  const state = problems.length > 0 ? 'failing' : isComplete ? 'ok' : 'waiting'
  return [
    {
      name: `${job.name} targets`,
      kind: 'discovery',
      lastSuccessMs: state === 'ok' ? atMs : null,
      state,
      detail: [...problems, detail].join('; '),
    },
  ]
}
