// Where a series of remote write belongs: what Prometheus says of its target, joined with the fleet's topology.
import type { Fleet, FleetCopy } from '../../fleet/fleet.ts'
import { infrastructureNamespace, nodeNamespace } from '../../vocabulary/namespace.ts'
import { placeOf, type Place } from '../prometheus/placement.ts'
import type { Reading } from '../prometheus/reading.ts'
import type { Labels } from './written-series.ts'

/** The fleet by the addresses that its targets are scraped at, as Prometheus writes them in `instance`. */
export interface FleetAddresses {
  readonly fleet: Fleet
  readonly copies: ReadonlyMap<string, FleetCopy>
  /** Server by the address of its GPU exporter. */
  readonly nodes: ReadonlyMap<string, string>
}

/** Indexes the fleet; an address that two copies share names neither. */
export function fleetAddresses(fleet: Fleet): FleetAddresses {
  const copies = new Map<string, FleetCopy>()
  const shared = new Set<string>()
  for (const copy of fleet.components.flatMap((component) => component.copies)) {
    for (const address of new Set([addressOf(copy.metricsUrl), addressOf(copy.url)])) {
      if (copies.has(address)) shared.add(address)
      copies.set(address, copy)
    }
  }
  for (const address of shared) copies.delete(address)
  const nodes = fleet.nodes.flatMap(({ name, dcgmUrl }) =>
    dcgmUrl === null ? [] : [[addressOf(dcgmUrl), name] as const],
  )
  return { fleet, copies, nodes: new Map(nodes) }
}

/**
 * Place of a reading of a model server: its copy's where the address is one of the fleet, else its model's.
 * @param rememberedModel model that other series of the same target named; `null` = none did
 */
export function placeOfServer(
  { fleet, copies }: FleetAddresses,
  labels: Labels,
  rememberedModel: string | null,
): Place {
  const copy = copies.get(labels['instance'] ?? '')
  if (copy !== undefined) return placeOf(fleet, { kind: 'copy', copy }, null)
  const target = targetName(labels)
  const model = modelLabel(labels) ?? rememberedModel
  const namespace = model === null ? nodeNamespace(target) : infrastructureNamespace(model)
  return { namespace, dimensions: { instance: target }, gpuId: null }
}

/** Place of a reading of a GPU exporter: its GPU's owner's where the fleet knows the GPU, else its server's. */
export function placeOfExporter(
  { fleet, nodes }: FleetAddresses,
  labels: Labels,
  reading: Reading,
): Place {
  const named = reading.gpu?.host ?? ''
  const node = nodes.get(labels['instance'] ?? '') ?? (named === '' ? targetName(labels) : named)
  return placeOf(fleet, { kind: 'node', node }, reading.gpu)
}

/** Model that a series names itself; `null` = it does not. */
export function modelLabel(labels: Labels): string | null {
  const model = labels['model_name'] ?? labels['model'] ?? ''
  return model === '' ? null : model
}

/** What Prometheus took the series from. */
export function targetName(labels: Labels): string {
  return labels['instance'] ?? labels['pod'] ?? 'unknown'
}

/** Host and port with the port always there. */
function addressOf(url: string): string {
  const { hostname, port, protocol } = new URL(url)
  return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
}
