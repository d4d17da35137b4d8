// Who owns which GPU: the configuration's fleet as plain data, with look-ups that join readings to copies.
import type { ComponentConfig, FleetConfig, NodeConfig } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import { catalogueEntry } from './catalogue.ts'
import type { Fleet, FleetComponent, FleetCopy, FleetNode, Gpu, GpuOwner, Price } from './fleet.ts'

/** Builds the fleet from checked configuration: accelerators and price come from it, else from the catalogue. */
export function buildFleet(config: FleetConfig): Fleet {
  const owners = gpuOwners(config.components)
  const nodes = config.nodes.map((node) => fleetNode(node, owners))
  return {
    nodes,
    components: config.components.map(fleetComponent),
    gpus: nodes.flatMap((node) => node.gpus),
  }
}

/** The GPU with this UUID, as DCGM reports it; `undefined` when the configuration does not name it. */
export function gpuByUuid(fleet: Fleet, uuid: string): Gpu | undefined {
  const bare = bareUuid(uuid)
  if (bare === '') return undefined
  return fleet.gpus.find((gpu) => bareUuid(gpu.uuid) === bare)
}

/** nvidia_gpu_exporter leaves the `GPU-` of nvidia-smi out. */
function bareUuid(uuid: string): string {
  return uuid.replace(/^GPU-/i, '').toLowerCase()
}

/** The GPU at an index of a server. */
export function gpuByNodeIndex(fleet: Fleet, node: string, index: number): Gpu | undefined {
  return fleet.gpus.find((gpu) => gpu.node === node && gpu.index === index)
}

/** The copy with this id, of whichever component. */
export function copyById(fleet: Fleet, id: string): FleetCopy | undefined {
  return fleet.components.flatMap((component) => component.copies).find((copy) => copy.id === id)
}

const gpuId = (node: string, index: number) => `${node}/${index}`

function gpuOwners(components: readonly ComponentConfig[]): ReadonlyMap<string, GpuOwner> {
  return new Map(
    components.flatMap((component) =>
      component.copies.flatMap((copy) =>
        copy.gpus.map((index) => {
          const owner = { component: component.name, model: modelOf(component), copy: copy.id }
          return [gpuId(copy.node, index), owner] as const
        }),
      ),
    ),
  )
}

function fleetNode(node: NodeConfig, owners: ReadonlyMap<string, GpuOwner>): FleetNode {
  const { model, count, memoryGiB, uuids } = acceleratorsOf(node)
  const gpus = Array.from({ length: count }, (_, index): Gpu => {
    const id = gpuId(node.name, index)
    return {
      id,
      node: node.name,
      index,
      uuid: uuids[index] ?? '',
      model,
      memoryBytes: memoryGiB * 2 ** 30,
      owner: owners.get(id) ?? null,
    }
  })
  return {
    name: node.name,
    instanceType: node.instanceType ?? '',
    price: priceOf(node),
    gpus,
    dcgmUrl: node.dcgmUrl ?? null,
  }
}

function acceleratorsOf(node: NodeConfig): NonNullable<NodeConfig['accelerators']> {
  if (node.accelerators !== undefined) return node.accelerators
  const entry = catalogueEntry(node.instanceType ?? '')
  if (entry === undefined || entry.gpuMemoryGiB === null) {
    throw new UserError(
      `node "${node.name}": the catalogue has no accelerators for "${node.instanceType ?? ''}"; set accelerators (model, count, memoryGiB)`,
    )
  }
  return {
    model: entry.gpuModel,
    count: entry.gpuCount,
    memoryGiB: entry.gpuMemoryGiB,
    uuids: [],
  }
}

function priceOf(node: NodeConfig): Price {
  if (node.price !== undefined) {
    return { usdPerHour: node.price.perHour, source: node.price.source, date: node.price.date }
  }
  const price = catalogueEntry(node.instanceType ?? '')?.price
  if (price === undefined || price === null) {
    throw new UserError(
      `node "${node.name}": the catalogue has no price for "${node.instanceType ?? ''}"; set price (perHour, source, date)`,
    )
  }
  return { usdPerHour: price.usdPerHour, source: price.source, date: price.date }
}

function fleetComponent(component: ComponentConfig): FleetComponent {
  const model = modelOf(component)
  return {
    name: component.name,
    model,
    modelVersion: component.modelVersion,
    copies: component.copies.map((copy) => ({
      id: copy.id,
      component: component.name,
      model,
      node: copy.node,
      url: copy.url,
      metricsUrl: copy.metricsUrl ?? `${copy.url.replace(/\/+$/, '')}/metrics`,
      gpuIds: copy.gpus.map((index) => gpuId(copy.node, index)),
    })),
    ttftSloSeconds: component.slo.ttft / 1_000,
    totalSloSeconds: component.slo.total / 1_000,
  }
}

function modelOf(component: ComponentConfig): string {
  return component.model ?? component.name
}
