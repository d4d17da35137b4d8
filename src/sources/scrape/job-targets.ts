// The targets of one job as they are listed now: written down, in files, and by services.
import type { ScrapeJobConfig } from '../../config/schema.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { openAccess, type Access } from './access.ts'
import { discoveredTargets, type DiscoveredTarget } from './discovered-target.ts'
import { fileDiscovery, type Discovery, type Found } from './file-discovery.ts'
import { httpDiscovery } from './http-discovery.ts'
import { joined, type Joined } from './join.ts'

export type JobTarget = DiscoveredTarget & Pick<Joined, 'subject'>

export interface JobTargets {
  readonly job: ScrapeJobConfig
  /** How the job's targets are reached. */
  readonly access: Access
  /** Where targets are listed, and how often to look there. */
  readonly looks: readonly {
    readonly everyMs: number
    readonly look: (signal: AbortSignal) => Promise<void>
  }[]
  readonly targets: () => readonly JobTarget[]
  /** What became of the lists; `isComplete` = everything was looked at once. */
  readonly report: () => {
    readonly isComplete: boolean
    readonly detail: string
    readonly problems: string[]
  }
  close(): Promise<void>
}

/** A change to a file shows within this time. */
const filesEveryMs = 5_000

/** Opens a job; only what is written down is known until its `looks` were taken. */
export function openJobTargets(job: ScrapeJobConfig, fleet: Fleet, timeoutMs: number): JobTargets {
  const access = openAccess(job.access, timeoutMs)
  const accesses = [access]
  const discoveries = new Map<Discovery, number>()
  if (job.files.length > 0) discoveries.set(fileDiscovery(job.files), filesEveryMs)
  for (const { url, every, access: own } of job.http) {
    const way = openAccess(own, timeoutMs)
    accesses.push(way)
    discoveries.set(httpDiscovery({ url, everyMs: every, timeoutMs, access: way }), every)
  }
  const found = new Map<Discovery, Found>()
  let current = listed(job, fleet, found)
  return {
    job,
    access,
    looks: [...discoveries].map(([discovery, everyMs]) => ({
      everyMs,
      async look(signal) {
        const next = await discovery.look(signal)
        if (signal.aborted) return
        found.set(discovery, next)
        current = listed(job, fleet, found)
      },
    })),
    targets: () => current.targets,
    report: () => ({
      isComplete: found.size === discoveries.size,
      detail: detailOf(current),
      problems: current.problems,
    }),
    async close() {
      await Promise.all(accesses.map((way) => way.close()))
    },
  }
}

interface Listed {
  readonly targets: readonly JobTarget[]
  readonly dropped: number
  readonly problems: string[]
}

function listed(job: ScrapeJobConfig, fleet: Fleet, found: ReadonlyMap<Discovery, Found>): Listed {
  const lists = [...found.values()]
  const groups = [...job.static, ...lists.flatMap((one) => one.groups)]
  const { targets, dropped, problems } = discoveredTargets(job, groups)
  const placed = targets.map((target) => ({ target, ...joined(fleet, target) }))
  return {
    targets: placed.map(({ target, subject }) => ({ ...target, subject })),
    dropped,
    problems: [
      ...lists.flatMap((one) => one.problems),
      ...problems,
      ...placed.flatMap(({ target, problem }) =>
        problem === null ? [] : `${target.labels['instance'] ?? ''}: ${problem}`,
      ),
    ],
  }
}

function detailOf({ targets, dropped }: Listed): string {
  const count = `${targets.length} target${targets.length === 1 ? '' : 's'}`
  return dropped === 0 ? count : `${count}, ${dropped} more dropped by relabelling`
}
