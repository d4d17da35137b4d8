// Names, servers and GPUs of the fleet that must fit together.
import type { CatalogueEntry } from './catalogue-data.ts'
import type { Outline } from './config-outline.ts'
import type { Complaint } from './config-source.ts'
import { didYouMean, nearest } from './nearest.ts'
import { formatPath } from './config-problem.ts'
import type { Path } from './secrets.ts'

type FleetOutline = Outline['fleet']
type NodeOutline = NonNullable<FleetOutline['nodes'][number]>

/** Everything that does not fit between nodes, components and copies. */
export function fleetChecks(
  fleet: FleetOutline,
  catalogue: readonly CatalogueEntry[],
): Complaint[] {
  const holders = copiesOf(fleet)
  return [
    ...duplicateNames(fleet, holders),
    ...fleet.nodes.flatMap((node, index) => (node ? nodeChecks(node, index, catalogue) : [])),
    ...duplicates(uuidsOf(fleet), 'GPU'),
    ...holders.flatMap((holder) => placementChecks(fleet, holder, catalogue)),
    ...doubleReservations(holders),
  ]
}

/** Later uses of a name that an earlier entry already has. */
export function duplicates(
  named: readonly (readonly [path: Path, name: string | undefined])[],
  what: string,
): Complaint[] {
  const seen = new Set<string>()
  return named.flatMap(([path, name]) => {
    if (name === undefined) return []
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    const message = `${what} "${name}" is there twice`
    return [{ path, aim: 'value' as const, message, suggestion: 'give each its own name' }]
  })
}

/** A copy with the path of its entry. */
interface Holder {
  readonly at: Path
  readonly id: string | undefined
  readonly node: string | undefined
  readonly gpus: readonly (number | undefined)[]
}

function copiesOf(fleet: FleetOutline): Holder[] {
  return fleet.components.flatMap((component, index) =>
    (component?.copies ?? []).flatMap((copy, position) =>
      copy === undefined
        ? []
        : [
            {
              at: ['fleet', 'components', index, 'copies', position],
              id: copy.id,
              node: copy.node,
              gpus: copy.gpus,
            },
          ],
    ),
  )
}

function duplicateNames(fleet: FleetOutline, holders: readonly Holder[]): Complaint[] {
  const components = fleet.components.map((component, index) => ({
    at: ['fleet', 'components', index],
    name: component?.name,
    model: component?.model,
  }))
  // A component without a model serves the model of its name.
  const models = components.map(({ at, name, model }) =>
    model === undefined ? ([[...at, 'name'], name] as const) : ([[...at, 'model'], model] as const),
  )
  const repeatedNames = duplicates(
    components.map(({ at, name }) => [[...at, 'name'], name]),
    'component',
  )
  const places = repeatedNames.map(({ path }) => formatPath(path))
  return [
    ...duplicates(
      fleet.nodes.map((node, index) => [['fleet', 'nodes', index, 'name'], node?.name]),
      'node',
    ),
    ...repeatedNames,
    ...duplicates(models, 'model').filter(({ path }) => !places.includes(formatPath(path))),
    ...duplicates(
      holders.map(({ at, id }) => [[...at, 'id'], id]),
      'copy',
    ),
  ]
}

function uuidsOf(fleet: FleetOutline): (readonly [Path, string | undefined])[] {
  return fleet.nodes.flatMap((node, index) =>
    (node?.accelerators?.uuids ?? []).map(
      (uuid, position) =>
        [['fleet', 'nodes', index, 'accelerators', 'uuids', position], uuid] as const,
    ),
  )
}

/** A node must say, itself or through its type, which GPUs it has and what it costs. */
function nodeChecks(
  node: NodeOutline,
  index: number,
  catalogue: readonly CatalogueEntry[],
): Complaint[] {
  const at = ['fleet', 'nodes', index]
  const entry = catalogue.find(({ instanceType }) => instanceType === node.instanceType)
  const lacks = lackingOf(node, entry)
  if (lacks.length === 0) return uuidCount(node, at)
  const nothing = `no ${lacks.join(' and no ')}`
  const mend = `set ${lacks.join(' and ')} of the node`
  if (node.instanceType === undefined) {
    const message = `node has no instanceType of the catalogue and ${nothing}`
    return [{ path: at, aim: 'key', message, suggestion: `set instanceType, or ${mend}` }]
  }
  const type = `"${node.instanceType}"`
  const known = catalogue.map(({ instanceType }) => instanceType)
  const close = entry === undefined ? nearest(node.instanceType, known) : undefined
  const suggestion = close === undefined ? mend : `did you mean "${close}"? Otherwise ${mend}`
  const message =
    entry === undefined
      ? `instance type ${type} is not in the catalogue`
      : `the catalogue knows ${nothing} for ${type}`
  return [{ path: [...at, 'instanceType'], aim: 'value', message, suggestion }]
}

function lackingOf(node: NodeOutline, entry: CatalogueEntry | undefined): string[] {
  const accelerators = node.accelerators !== undefined || (entry?.gpuMemoryGiB ?? null) !== null
  const price = node.price !== undefined || (entry?.price ?? null) !== null
  return [...(accelerators ? [] : ['accelerators']), ...(price ? [] : ['price'])]
}

function uuidCount({ accelerators }: NodeOutline, at: Path): Complaint[] {
  const { count, uuids = [] } = accelerators ?? {}
  if (count === undefined || uuids.length === 0 || uuids.length === count) return []
  const message = `${uuids.length} UUIDs for ${count} GPUs`
  const path = [...at, 'accelerators', 'uuids']
  return [{ path, aim: 'key', message, suggestion: 'list one a GPU in index order, or none' }]
}

function placementChecks(
  fleet: FleetOutline,
  { at, node: name, gpus }: Holder,
  catalogue: readonly CatalogueEntry[],
): Complaint[] {
  const names = fleet.nodes.map((node) => node?.name)
  // With a broken node in the list, the set of names is not known.
  if (name === undefined || names.includes(undefined)) return []
  const node = fleet.nodes.find((candidate) => candidate?.name === name)
  if (node === undefined) {
    const known = names.filter((candidate) => candidate !== undefined)
    const message = `no node is called "${name}"`
    return [
      {
        path: [...at, 'node'],
        aim: 'value',
        message,
        suggestion: didYouMean(name, known) ?? 'add it to fleet.nodes',
      },
    ]
  }
  const count = gpuCount(node, catalogue)
  if (count === undefined) return []
  return gpus.flatMap((gpu, position): Complaint[] =>
    gpu === undefined || gpu < count
      ? []
      : [
          {
            path: [...at, 'gpus', position],
            aim: 'value',
            message: `node "${name}" has no GPU ${gpu}`,
            suggestion: count === 1 ? 'its only GPU is 0' : `its GPUs are 0 to ${count - 1}`,
          },
        ],
  )
}

function gpuCount(node: NodeOutline, catalogue: readonly CatalogueEntry[]): number | undefined {
  if (node.accelerators !== undefined) return node.accelerators.count
  return catalogue.find(({ instanceType }) => instanceType === node.instanceType)?.gpuCount
}

function doubleReservations(holders: readonly Holder[]): Complaint[] {
  const reservations = holders.flatMap(({ at, id, node, gpus }) =>
    gpus.flatMap((gpu, position) =>
      gpu === undefined || node === undefined
        ? []
        : [{ path: [...at, 'gpus', position], gpu: `${node}/${gpu}`, copy: id ?? formatPath(at) }],
    ),
  )
  return reservations.flatMap(({ path, gpu }, index): Complaint[] => {
    const first = reservations.slice(0, index).find((earlier) => earlier.gpu === gpu)
    if (first === undefined) return []
    const message = `GPU ${gpu} is already reserved by copy "${first.copy}"`
    return [{ path, aim: 'value', message, suggestion: 'give each GPU to one copy' }]
  })
}
