// Which model a reading belongs to: the join of what exporters say with the fleet's topology.
import type { Fleet, FleetCopy, Gpu } from '../../fleet/fleet.ts'
import { gpuByNodeIndex, gpuByUuid } from '../../fleet/topology.ts'
import { infrastructureNamespace, nodeNamespace } from '../../vocabulary/namespace.ts'
import type { GpuLabels } from './reading.ts'

/** What of the fleet is described: a copy by its model server, a server by its GPU exporter. */
export type FleetSubject =
  | { readonly kind: 'copy'; readonly copy: FleetCopy }
  | { readonly kind: 'node'; readonly node: string }

/** What is scraped; `other` = a target that is no copy's own and shows only when it is read what it is. */
export type TargetSubject = FleetSubject | OtherSubject

export interface OtherSubject {
  readonly kind: 'other'
  /** Of the target, `job` and `instance` among them. */
  readonly labels: Readonly<Record<string, string>>
  /** Server that the labels or the address name; `null` = they do not. */
  readonly node: string | null
  /** Model of the component that the labels name; `null` = they do not. */
  readonly model: string | null
}

/** Where a series lives. */
export interface Place {
  readonly namespace: string
  readonly dimensions: Readonly<Record<string, string>>
  /** GPU of the fleet; `null` = not about a GPU, or about one that the fleet does not know. */
  readonly gpuId: string | null
}

/** Place of a reading: of its GPU's owner where it is about a GPU, of the target otherwise. */
export function placeOf(fleet: Fleet, subject: FleetSubject, gpu: GpuLabels | null): Place {
  if (subject.kind === 'copy') return placeOfCopy(subject.copy)
  if (gpu === null) return { ...placeOfNode(subject.node), gpuId: null }
  const known = knownGpu(fleet, subject.node, gpu)
  if (known !== undefined) return placeOfGpu(known)
  const { namespace, dimensions } = placeOfNode(subject.node)
  const name = gpu.uuid === '' ? `${subject.node}/${gpu.index ?? 'unknown'}` : gpu.uuid
  return { namespace, dimensions: { ...dimensions, gpu: name }, gpuId: null }
}

/**
 * Place of a reading of a target outside the fleet: its GPU's where the fleet knows the GPU, else its model's or server's.
 * @param model model that the samples name; `null` = they name none
 */
export function placeOfOther(
  fleet: Fleet,
  subject: OtherSubject,
  { gpu, model }: { readonly gpu: GpuLabels | null; readonly model: string | null },
): Place {
  const { labels } = subject
  const instance = labels['instance'] ?? 'unknown'
  if (gpu !== null) {
    const node = subject.node ?? (gpu.host === '' ? instance : gpu.host)
    const place = placeOf(fleet, { kind: 'node', node }, gpu)
    return place.gpuId === null
      ? { ...place, dimensions: { ...labels, ...place.dimensions } }
      : place
  }
  const named = subject.model ?? labels['model'] ?? labels['model_name'] ?? model
  const namespace =
    named === null ? nodeNamespace(subject.node ?? instance) : infrastructureNamespace(named)
  const { model: _, model_name: __, ...dimensions } = labels
  return { namespace, dimensions, gpuId: null }
}

/** Place of what is said of a target itself, whatever it exports. */
export function placeOfTarget(subject: TargetSubject): Place {
  if (subject.kind === 'copy') return placeOfCopy(subject.copy)
  if (subject.kind === 'node') return { ...placeOfNode(subject.node), gpuId: null }
  const { labels } = subject
  return {
    namespace: `/prometheus/${labels['job'] ?? 'unknown'}`,
    dimensions: labels,
    gpuId: null,
  }
}

/** Place of a GPU of the fleet: in its owner's namespace, or its server's when nobody reserves it. */
export function placeOfGpu(gpu: Gpu): Place {
  const { node, owner, id: gpuId } = gpu
  if (owner === null) {
    return { namespace: nodeNamespace(node), dimensions: { node, gpu: gpuId }, gpuId }
  }
  const { component, copy, model } = owner
  return {
    namespace: infrastructureNamespace(model),
    dimensions: { component, copy, node, gpu: gpuId },
    gpuId,
  }
}

function placeOfCopy(copy: FleetCopy): Place {
  const { component, id, node, model } = copy
  return {
    namespace: infrastructureNamespace(model),
    dimensions: { component, copy: id, node },
    gpuId: null,
  }
}

function placeOfNode(node: string): Omit<Place, 'gpuId'> {
  return { namespace: nodeNamespace(node), dimensions: { node } }
}

/**
 * By UUID, else by server and index. A GPU whose configured UUID is another one is never matched by
 * its index: after a swap or a renumbering that would charge one model with another's work.
 */
function knownGpu(fleet: Fleet, node: string, labels: GpuLabels): Gpu | undefined {
  const byUuid = gpuByUuid(fleet, labels.uuid)
  if (byUuid !== undefined || labels.index === null) return byUuid
  const isOtherNode = fleet.nodes.some((candidate) => candidate.name === labels.host)
  const gpu = gpuByNodeIndex(fleet, isOtherNode ? labels.host : node, labels.index)
  const isContradicted = gpu !== undefined && gpu.uuid !== '' && labels.uuid !== ''
  return isContradicted ? undefined : gpu
}
