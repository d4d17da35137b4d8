// What the mapping needs to know of this installation, and the joins of what is told with the fleet.
import type { Config } from '../../config/schema.ts'
import type { Fleet, FleetComponent, FleetCopy } from '../../fleet/fleet.ts'
import type { ExtraPattern } from '../../redaction/detector.ts'
import { compilePatterns } from '../../redaction/detector.ts'

export interface Settings {
  readonly project: string
  readonly fleet: Fleet
  readonly capture: Config['gateway']['capture']
  /** Bytes of a prompt or an answer. */
  readonly captureSize: number
  readonly patterns: readonly ExtraPattern[]
  /** `host:port` of our own gateway; empty when there is none. */
  readonly gateway: string
  /** Sampling probability of a component; of none in particular for the empty name. */
  readonly samplingOf: (component: string) => number
  /** Component that serves a model, by the model's or its own name. */
  readonly componentOf: (model: string) => FleetComponent | undefined
  readonly copyById: (id: string) => FleetCopy | undefined
  /** Copy that listens at `host:port`, as `endpointOf` writes it. */
  readonly copyAt: (endpoint: string) => FleetCopy | undefined
  /** Epoch milliseconds. */
  readonly nowMs: number
}

export interface SettingsInput {
  readonly config: Config
  readonly fleet: Fleet
  readonly gatewayUrl: string | null
}

/** Everything but the time, which is another for each request. */
export function settingsOf({ config, fleet, gatewayUrl }: SettingsInput): Omit<Settings, 'nowMs'> {
  const { gateway } = config
  const sampling = new Map(config.fleet.components.map((one) => [one.name, one.sampling]))
  const components = new Map([
    ...fleet.components.map((component) => [component.name, component] as const),
    ...fleet.components.map((component) => [component.model, component] as const),
  ])
  const copies = fleet.components.flatMap((component) => component.copies)
  const byId = new Map(copies.map((copy) => [copy.id, copy]))
  const byEndpoint = new Map(copies.map((copy) => [endpointOf(copy.url), copy]))
  return {
    project: config.project,
    fleet,
    capture: gateway.capture,
    captureSize: gateway.captureSize,
    patterns: compilePatterns(gateway.redaction.patterns),
    gateway: gatewayUrl === null ? '' : endpointOf(gatewayUrl),
    samplingOf: (component) => sampling.get(component) ?? gateway.sampling,
    componentOf: (model) => components.get(model),
    copyById: (id) => byId.get(id),
    copyAt: (endpoint) => (endpoint === '' ? undefined : byEndpoint.get(endpoint)),
  }
}

/** `host:port` of a URL, the names of this machine as one; empty when it is no URL. */
export function endpointOf(url: string): string {
  if (!URL.canParse(url)) return ''
  const { protocol, hostname, port } = new URL(url)
  const host = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname) ? 'localhost' : hostname
  return `${host}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`
}
