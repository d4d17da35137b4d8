// Whose readings a discovered target gives: what its labels or its address say of the fleet.
import type { Fleet, FleetCopy } from '../../fleet/fleet.ts'
import { copyById } from '../../fleet/topology.ts'
import type { TargetSubject } from '../prometheus/placement.ts'
import type { DiscoveredTarget } from './discovered-target.ts'

export interface Joined {
  readonly subject: TargetSubject
  /** What the labels say that cannot be; `null` = nothing. */
  readonly problem: string | null
}

/**
 * Joins a target to the fleet: by label `copy`, or `component` where it has one copy, else by an address that is a
 * copy's or server's own; label `node` names the server of an exporter.
 */
export function joined(fleet: Fleet, { url, labels }: DiscoveredTarget): Joined {
  const named = labels['copy'] ?? ''
  const copy = copyById(fleet, named) ?? copyAt(fleet, url)
  if (copy !== undefined) {
    const contradicts = 'component' in labels && labels['component'] !== copy.component
    if (!contradicts) return { subject: { kind: 'copy', copy }, problem: null }
    const problem = `copy "${copy.id}" belongs to component "${copy.component}", not "${labels['component']}"`
    return { subject: elsewhere(fleet, { url, labels }), problem }
  }
  const component = fleet.components.find(({ name }) => name === labels['component'])
  const [only, ...more] = component?.copies ?? []
  if (named === '' && only !== undefined && more.length === 0) {
    return { subject: { kind: 'copy', copy: only }, problem: null }
  }
  const node = fleet.nodes.find(({ dcgmUrl }) => dcgmUrl !== null && isSamePage(dcgmUrl, url))
  if (node !== undefined) return { subject: { kind: 'node', node: node.name }, problem: null }
  return { subject: elsewhere(fleet, { url, labels }), problem: strangerIn(fleet, labels) }
}

function elsewhere(fleet: Fleet, { labels }: DiscoveredTarget): TargetSubject {
  const component = fleet.components.find(({ name }) => name === labels['component'])
  return {
    kind: 'other',
    labels,
    node: fleet.nodes.find(({ name }) => name === labels['node'])?.name ?? null,
    model: component?.model ?? null,
  }
}

function strangerIn(fleet: Fleet, labels: DiscoveredTarget['labels']): string | null {
  const known = {
    copy: fleet.components.flatMap(({ copies }) => copies.map(({ id }) => id)),
    component: fleet.components.map(({ name }) => name),
  }
  for (const [label, names] of Object.entries(known)) {
    const value = labels[label]
    if (value !== undefined && !names.includes(value)) {
      return `label ${label} is ${JSON.stringify(value)}, which the fleet does not have`
    }
  }
  return null
}

function copyAt(fleet: Fleet, url: string): FleetCopy | undefined {
  return fleet.components
    .flatMap(({ copies }) => copies)
    .find(({ metricsUrl }) => isSamePage(metricsUrl, url))
}

/** Whatever is written of default ports and case; credentials are not part of a place. */
function isSamePage(one: string, other: string): boolean {
  return pageOf(one) === pageOf(other)
}

function pageOf(text: string): string {
  const { protocol, host, pathname, search } = new URL(text)
  return `${protocol}//${host}${pathname}${search}`
}
