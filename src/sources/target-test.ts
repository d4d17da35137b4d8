// Reads every target once, right now, without a hub, and tells what came of it.
import type { Config } from '../config/schema.ts'
import { limitsSchema } from '../config/scrape-schema.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { messageOf, UserError } from '../records/failure.ts'
import type { ExpositionFormat } from './prometheus/exposition.ts'
import { pageFindings, type PageFindings } from './prometheus/page-findings.ts'
import { readPage } from './prometheus/target-page.ts'
import { targetReadings } from './prometheus/target-readings.ts'
import { failureOf } from './prometheus/target-status.ts'
import { openAccess } from './scrape/access.ts'
import { openJobTargets, type JobTargets } from './scrape/job-targets.ts'
import { joined } from './scrape/join.ts'
import {
  fleetPages,
  jobPages,
  withoutClaimed,
  type FleetAccess,
  type PlannedPage,
} from './scrape/planned-targets.ts'

/** What reading a target once showed. */
export interface TargetTest {
  readonly name: string
  /** Without credentials and parameters, which may be secret. */
  readonly address: string
  /** Why nothing can be had of it; `null` = it is well. */
  readonly failure: string | null
  readonly durationMs: number
  /** `null` = no page came. */
  readonly page: {
    readonly format: ExpositionFormat
    readonly samples: number
    /** `null` = not recognised. */
    readonly system: string | null
    /** Version or date of the sources that its names were read in. */
    readonly asOf: string | null
  } | null
  /** `null` = no page came. */
  readonly findings: PageFindings | null
}

export interface TestedSources {
  readonly targets: readonly TargetTest[]
  /** What is wrong with the lists of targets of jobs. */
  readonly problems: readonly string[]
}

export interface TestOptions {
  readonly config: Config
  readonly fleet: Fleet
  /** Name or address of the only target to read; an address may be one that no list has. */
  readonly only?: string
  readonly signal: AbortSignal
}

/** Looks for targets and reads each once. Throws a `UserError` when no target is called `only`. */
export async function testTargets({
  config,
  fleet,
  only,
  signal,
}: TestOptions): Promise<TestedSources> {
  const { metricsAccess, dcgmAccess, scrapeTimeout } = config.fleet
  const access = {
    metrics: openAccess(metricsAccess, scrapeTimeout),
    dcgm: openAccess(dcgmAccess, scrapeTimeout),
  }
  const jobs = config.scrape.jobs.map((job) =>
    openJobTargets(job, fleet, job.timeout ?? scrapeTimeout),
  )
  try {
    await Promise.all(jobs.flatMap(({ looks }) => looks.map((one) => one.look(signal))))
    const all = plannedPages(config, fleet, { access, jobs })
    const pages = only === undefined ? all : chosen(all, only, { config, fleet, access })
    const targets = await readAll(pages, { config, fleet, signal })
    const problems = jobs.flatMap(({ job, report }) =>
      report().problems.map((problem) => `job ${job.name}: ${problem}`),
    )
    return { targets, problems }
  } finally {
    await Promise.all([access.metrics, access.dcgm, ...jobs].map((one) => one.close()))
  }
}

interface Ways {
  readonly access: FleetAccess
  readonly jobs: readonly JobTargets[]
}

function plannedPages(config: Config, fleet: Fleet, { access, jobs }: Ways): PlannedPage[] {
  return withoutClaimed(
    fleetPages(config, fleet, access),
    jobs.flatMap((job) => jobPages(config, job)),
  )
}

function chosen(
  pages: readonly PlannedPage[],
  only: string,
  context: { readonly config: Config; readonly fleet: Fleet; readonly access: FleetAccess },
): readonly PlannedPage[] {
  const isUrl = /^https?:\/\//.test(only) && URL.canParse(only)
  const url = isUrl ? new URL(only).href : null
  const matches = pages.filter(
    (page) =>
      page.name === only ||
      page.page.labels['instance'] === only ||
      (url !== null && new URL(page.url).href === url),
  )
  if (matches.length > 0) return matches
  if (url !== null) return [strangePage(url, context)]
  const known = pages.map(({ name }) => name).slice(0, mostNamed)
  throw new UserError(
    `no target is called "${only}"; ${known.length === 0 ? 'the configuration has none: name a URL' : `there are: ${known.join(', ')}`}`,
  )
}

const mostNamed = 20

/** A page that no list has, read as a job without settings would read it. */
function strangePage(
  url: string,
  { config, fleet, access }: Parameters<typeof chosen>[2],
): PlannedPage {
  const labels = { job: 'test', instance: new URL(url).host }
  const { subject } = joined(fleet, { url, labels })
  return {
    name: shownAddress(url),
    url,
    subject,
    keepUnknown: false,
    everyMs: config.fleet.scrapeEvery,
    staleAfterMs: config.fleet.staleAfter,
    page: {
      access: subject.kind === 'node' ? access.dcgm : access.metrics,
      timeoutMs: config.fleet.scrapeTimeout,
      limits: limitsSchema.parse({}),
      honorTimestamps: true,
      relabel: null,
      labels,
    },
  }
}

const mostAtOnce = 8

async function readAll(
  pages: readonly PlannedPage[],
  context: Pick<TestOptions, 'config' | 'fleet' | 'signal'>,
): Promise<TargetTest[]> {
  const tests: TargetTest[] = []
  const waiting = [...pages.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, page] = next
      tests[index] = await readOnce(page, context)
    }
  }
  await Promise.all(Array.from({ length: mostAtOnce }, work))
  return tests
}

async function readOnce(
  planned: PlannedPage,
  { config, fleet, signal }: Pick<TestOptions, 'config' | 'fleet' | 'signal'>,
): Promise<TargetTest> {
  const { name, url, subject, keepUnknown } = planned
  const started = performance.now()
  const test = { name, address: shownAddress(url) }
  try {
    const page = await readPage(url, planned.page, signal)
    const durationMs = performance.now() - started
    const context = { project: config.project, fleet, subject, keepUnknown }
    const read = targetReadings(context, page.exposition)
    const { system } = read
    return {
      ...test,
      failure: failureOf(read),
      durationMs,
      page: {
        format: page.format,
        samples: page.scraped,
        system: system?.name ?? null,
        asOf: system?.asOf ?? null,
      },
      findings: pageFindings(page, read),
    }
  } catch (error) {
    const durationMs = performance.now() - started
    return { ...test, failure: messageOf(error), durationMs, page: null, findings: null }
  }
}

function shownAddress(url: string): string {
  const { protocol, host, pathname, search } = new URL(url)
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`
}
