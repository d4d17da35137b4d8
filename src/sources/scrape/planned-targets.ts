// Which pages are to be read, and how: the fleet's own, and those of jobs.
import type { Config, ScrapeJobConfig } from '../../config/schema.ts'
import { limitsSchema } from '../../config/scrape-schema.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { PageSettings } from '../prometheus/target-page.ts'
import type { TargetSubject } from '../prometheus/placement.ts'
import type { Access } from './access.ts'
import type { JobTarget, JobTargets } from './job-targets.ts'
import { relabelling } from './relabel.ts'

/** One page with all that reading it takes. */
export interface PlannedPage {
  readonly name: string
  readonly url: string
  readonly subject: TargetSubject
  readonly page: PageSettings
  readonly keepUnknown: boolean
  readonly everyMs: number
  /** Age at which its readings count as stale. */
  readonly staleAfterMs: number
}

export interface FleetAccess {
  readonly metrics: Access
  readonly dcgm: Access
}

/** Pages of the fleet's copies and servers. */
export function fleetPages(config: Config, fleet: Fleet, access: FleetAccess): PlannedPage[] {
  const { scrapeEvery: everyMs, scrapeTimeout, staleAfter: staleAfterMs } = config.fleet
  const page = (way: Access): PageSettings => ({
    access: way,
    timeoutMs: scrapeTimeout,
    limits: limitsSchema.parse({}),
    honorTimestamps: true,
    relabel: null,
    labels: {},
  })
  const shared = { keepUnknown: false, everyMs, staleAfterMs }
  const copies = fleet.components.flatMap((component) => component.copies)
  return [
    ...copies.map((copy) => ({
      ...shared,
      name: copy.id,
      url: copy.metricsUrl,
      subject: { kind: 'copy' as const, copy },
      page: page(access.metrics),
    })),
    ...fleet.nodes.flatMap(({ name, dcgmUrl }) => {
      if (dcgmUrl === null) return []
      const subject = { kind: 'node' as const, node: name }
      return [{ ...shared, name, url: dcgmUrl, subject, page: page(access.dcgm) }]
    }),
  ]
}

/** Pages of a job as its targets are listed now. */
export function jobPages(config: Config, { job, access, targets }: JobTargets): PlannedPage[] {
  const everyMs = job.every ?? config.fleet.scrapeEvery
  const page: Omit<PageSettings, 'labels'> = {
    access,
    timeoutMs: jobTimeoutMs(config, job),
    limits: job.limits,
    honorTimestamps: job.honorTimestamps,
    relabel: job.metricRelabel.length === 0 ? null : relabelling(job.metricRelabel),
  }
  // A page that is read less often may miss one scrape before its readings count as old.
  const staleAfterMs = Math.max(config.fleet.staleAfter, 2.5 * everyMs)
  return targets().map(({ url, labels, subject }) => ({
    name: nameOf(labels),
    url,
    subject,
    page: { ...page, labels },
    keepUnknown: job.unknownMetrics === 'keep',
    everyMs,
    staleAfterMs,
  }))
}

/** Pages of the fleet that no job reads instead, then those of jobs. */
export function withoutClaimed(
  fleet: readonly PlannedPage[],
  jobs: readonly PlannedPage[],
): PlannedPage[] {
  const claimed = new Set(jobs.flatMap(({ subject }) => claimOf(subject)))
  const isFree = ({ subject }: PlannedPage) => claimOf(subject).every((one) => !claimed.has(one))
  return [...fleet.filter(isFree), ...jobs]
}

/** Longest wait for a scrape of a job in milliseconds; scrapes of a target must not overtake each other. */
function jobTimeoutMs({ fleet }: Config, { every, timeout }: ScrapeJobConfig): number {
  return Math.min(timeout ?? fleet.scrapeTimeout, every ?? fleet.scrapeEvery)
}

/** What a person calls a target of a job. */
function nameOf(labels: JobTarget['labels']): string {
  return `${labels['job'] ?? ''}/${labels['instance'] ?? ''}`
}

function claimOf(subject: TargetSubject): string[] {
  if (subject.kind === 'copy') return [`copy ${subject.copy.id}`]
  return subject.kind === 'node' ? [`node ${subject.node}`] : []
}
