// From what a list says of a target to what is scraped: job settings, relabelling, address.
import type { ScrapeJobConfig } from '../../config/schema.ts'
import { relabelling, type Labels, type Relabel } from './relabel.ts'
import type { TargetGroup } from './target-groups.ts'

/** A target with its final labels, `job` and `instance` among them. */
export interface DiscoveredTarget {
  readonly url: string
  readonly labels: Labels
}

export interface DiscoveredTargets {
  readonly targets: readonly DiscoveredTarget[]
  /** How many the relabel steps dropped. */
  readonly dropped: number
  /** What is wrong with single targets. */
  readonly problems: readonly string[]
}

/** Targets of a job from the lists that were found for it; equal ones count once. Pure. */
export function discoveredTargets(
  job: ScrapeJobConfig,
  groups: readonly TargetGroup[],
): DiscoveredTargets {
  const relabel = relabelling(job.relabel)
  const targets = new Map<string, DiscoveredTarget>()
  const problems: string[] = []
  let dropped = 0
  for (const { targets: addresses, labels } of groups) {
    for (const address of addresses) {
      const found = targetOf(job, relabel, { address, labels })
      if (found === null) dropped += 1
      else if (typeof found === 'string') problems.push(found)
      else targets.set(JSON.stringify(found), found)
    }
  }
  if (targets.size > job.limits.targets) {
    problems.push(`${targets.size} targets, more than limits.targets allows: none is scraped`)
    targets.clear()
  }
  return { targets: [...targets.values()], dropped, problems }
}

function targetOf(
  job: ScrapeJobConfig,
  relabel: Relabel,
  { address, labels }: { readonly address: string; readonly labels: Labels },
): DiscoveredTarget | string | null {
  const place = placeOfAddress(address)
  if (place === null) return `target ${JSON.stringify(address)} is no host:port and no http(s) URL`
  const after = relabel({
    job: job.name,
    __scheme__: job.scheme,
    __metrics_path__: job.path,
    ...parameterLabels(Object.entries(job.params).map(([name, [value = '']]) => [name, value])),
    ...labels,
    ...place,
  })
  if (after === null) return null
  const url = urlOf(job, after)
  if (url === null) {
    return `target ${JSON.stringify(address)} has the address ${JSON.stringify(after['__address__'] ?? '')} after relabelling, which is none`
  }
  const visible = Object.entries(after).filter(([name]) => !name.startsWith('__'))
  return { url, labels: { instance: after['__address__'] ?? '', ...Object.fromEntries(visible) } }
}

/** A whole URL says more than an address: each of its parts becomes the label that relabelling knows it by. */
function placeOfAddress(address: string): Labels | null {
  if (!/^https?:\/\//.test(address)) {
    return /^[^/?#@\s]+$/.test(address) ? { __address__: address } : null
  }
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || url.username !== '' || url.password !== '') return null
  const scheme = url.protocol.slice(0, -1)
  return {
    __scheme__: scheme,
    __address__: `${url.hostname}:${url.port === '' ? defaultPorts[scheme] : url.port}`,
    ...(url.pathname === '/' ? {} : { __metrics_path__: url.pathname }),
    ...parameterLabels([...url.searchParams]),
  }
}

const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

const parameterPrefix = '__param_'

function parameterLabels(pairs: readonly (readonly [string, string])[]): Labels {
  return Object.fromEntries(pairs.map(([name, value]) => [parameterPrefix + name, value]))
}

function urlOf(job: ScrapeJobConfig, labels: Labels): string | null {
  const address = labels['__address__'] ?? ''
  const base = `${labels['__scheme__'] ?? 'http'}://${address}`
  if (!/^[^/?#@\s]+$/.test(address) || !/^https?:/.test(base) || !URL.canParse(base)) return null
  const url = new URL(base)
  url.pathname = labels['__metrics_path__'] ?? '/metrics'
  // Only the first value of a parameter has a label; the others follow from the job.
  for (const [label, value] of Object.entries(labels)) {
    if (label.startsWith(parameterPrefix)) {
      url.searchParams.append(label.slice(parameterPrefix.length), value)
    }
  }
  for (const [name, [, ...others]] of Object.entries(job.params)) {
    for (const value of others) url.searchParams.append(name, value)
  }
  return url.href
}
