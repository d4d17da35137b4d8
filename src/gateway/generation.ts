import type { ComponentConfig, Config } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import type { ExtraPattern } from '../redaction/detector.ts'
import { compilePatterns } from '../redaction/detector.ts'
import { CopyPool, keyOf } from './copy-pool.ts'
import type { Keyring } from './keys.ts'
import { createKeyring } from './keys.ts'
import type { Segment } from './segment.ts'
import { createSegment } from './segment.ts'

/** A component as calls see it: its configuration of this generation and its segment, which outlives generations. */
export interface Route {
  readonly component: ComponentConfig
  readonly model: string
  readonly upstreamModel: string
  readonly sampling: number
  readonly segment: Segment<CopyPool>
}

/** Everything that follows from one configuration. A call keeps the one that admitted it. */
export interface Generation {
  readonly config: Config
  /** By the model name that clients send. */
  readonly routes: ReadonlyMap<string, Route>
  readonly models: readonly string[]
  readonly identify: Keyring
  readonly redactionPatterns: readonly ExtraPattern[]
  /** Segments of components that are configured no more, while calls of theirs wait or run; by component name. */
  readonly closing: ReadonlyMap<string, Segment<CopyPool>>
}

/**
 * Builds a generation. Segments of components that stay are carried over with their calls in flight.
 * Nothing of the previous generation changes before everything of the new one has been checked.
 */
export function nextGeneration(
  config: Config,
  previous: Generation | undefined,
  nowMs: number,
): Generation {
  refuseSharedModels(config)
  const redactionPatterns = compilePatterns(config.gateway.redaction.patterns)
  const identify = createKeyring(config.gateway.keys)
  const left = new Map(previous === undefined ? [] : segmentsOf(previous))
  const routes = new Map<string, Route>()
  for (const component of config.fleet.components) {
    const model = modelOf(component)
    routes.set(model, {
      component,
      model,
      upstreamModel: component.upstreamModel ?? model,
      sampling: component.sampling ?? config.gateway.sampling,
      segment: segmentFor(component, left.get(component.name), nowMs),
    })
    left.delete(component.name)
  }
  const closing = new Map(
    [...(previous?.closing ?? []), ...left].filter(([, segment]) => isBusy(segment, nowMs)),
  )
  for (const segment of left.values()) segment.close(nowMs)
  return { config, routes, models: [...routes.keys()], identify, redactionPatterns, closing }
}

/** Segments of the components that are configured, by component name. */
export function segmentsOf(generation: Generation): ReadonlyMap<string, Segment<CopyPool>> {
  const routes = [...generation.routes.values()]
  return new Map(routes.map(({ component, segment }) => [component.name, segment]))
}

/** All segments that may still run something; of two with one name the older is marked. */
export function allSegmentsOf(generation: Generation): ReadonlyMap<string, Segment<CopyPool>> {
  const old = [...generation.closing].map(
    ([name, segment]) => [`${name} (removed)`, segment] as const,
  )
  return new Map([...segmentsOf(generation), ...old])
}

function modelOf(component: ComponentConfig): string {
  return component.model ?? component.name
}

function isBusy(segment: Segment<CopyPool>, nowMs: number): boolean {
  const { inFlight, queued } = segment.state(nowMs)
  return inFlight + queued > 0
}

function refuseSharedModels(config: Config): void {
  const owners = new Map<string, string>()
  for (const component of config.fleet.components) {
    const owner = owners.get(modelOf(component))
    if (owner !== undefined) {
      throw new UserError(
        `components "${owner}" and "${component.name}" both serve model "${modelOf(component)}": give one of them another model name, or make them copies of one component`,
      )
    }
    owners.set(modelOf(component), component.name)
  }
}

function segmentFor(
  component: ComponentConfig,
  existing: Segment<CopyPool> | undefined,
  nowMs: number,
): Segment<CopyPool> {
  const { concurrency, queue } = component
  if (existing === undefined) {
    const copies = component.copies.map((copy) => new CopyPool(copy))
    return createSegment({ copies, concurrency, queue }, (pool) => pool.close())
  }
  const present = new Map(existing.copies().map((pool) => [pool.key, pool]))
  const copies = component.copies.map((copy) => present.get(keyOf(copy)) ?? new CopyPool(copy))
  existing.update({ copies, concurrency, queue }, nowMs)
  return existing
}
