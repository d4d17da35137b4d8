// A whole fleet in one process: emulated model servers, GPUs and judge, with faults and users on demand.
import type { Log } from '../telemetry/log.ts'
import { startControlServer } from './control-server.ts'
import { startDcgmServer, type DcgmServer } from './dcgm-server.ts'
import { engineDefaults } from './engine.ts'
import { faults } from './faults/registry.ts'
import { createFaultSwitch, type ActiveFault, type FaultSwitch } from './fault-switch.ts'
import { judgeDefaults, startJudgeServer, type JudgeServer } from './judge-server.ts'
import { labConfig, labGpu, labModels, labNode, labRates } from './lab-config.ts'
import type { LabAddresses } from './lab-config.ts'
import { startLabTraffic, type LabTraffic, type LabTrafficOptions } from './lab-traffic.ts'
import { startModelServer, type ModelServer } from './model-server.ts'

export interface LabOptions {
  readonly seed: number | string
  /** How many times faster than the measured step law the engines run. */
  readonly speed: number
  /** Fixed: control 4610, copies 4611 and up, GPUs 4614, judge 4615. */
  readonly ports?: 'fixed' | 'ephemeral'
  readonly judge?: Partial<Omit<Parameters<typeof startJudgeServer>[0], 'port' | 'seed'>>
  readonly log: Log
}

/** Rates default to a few calls a second to each model. */
type LabTrafficRequest = Omit<LabTrafficOptions, 'seed' | 'log' | 'rates'> &
  Partial<Pick<LabTrafficOptions, 'rates'>>

export interface Lab {
  /** The content of an `equipoise.yaml` that fits the running lab. */
  readonly config: Readonly<Record<string, unknown>>
  readonly controlUrl: string
  readonly judge: JudgeServer
  readonly modelServers: readonly ModelServer[]
  /** Sends questions until `stopTraffic`; a second call replaces the first. */
  startTraffic(traffic: LabTrafficRequest): void
  stopTraffic(): Promise<void>
  injectFault(request: unknown): ActiveFault
  clearFaults(): void
  close(): Promise<void>
}

const fixedPorts = { control: 4_610, copies: 4_611, dcgm: 4_614, judge: 4_615 }

interface Closable {
  close(): Promise<void>
}

/** Starts the lab on loopback; when one part cannot start, those already started are closed again. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const opened: Closable[] = []
  try {
    return await openLab(options, opened)
  } catch (error) {
    await Promise.all(opened.map((part) => part.close()))
    throw error
  }
}

async function openLab(options: LabOptions, opened: Closable[]): Promise<Lab> {
  const keep = <Part extends Closable>(part: Part): Part => {
    opened.push(part)
    return part
  }
  const port = (fixed: number) => (options.ports === 'ephemeral' ? 0 : fixed)
  const modelServers: ModelServer[] = []
  for (const [index, copy] of copiesOf().entries()) {
    const copyPort = port(fixedPorts.copies + index)
    modelServers.push(keep(await startCopy(copy, copyPort, options)))
  }
  const dcgm = keep(await startGpus(modelServers, port(fixedPorts.dcgm)))
  const judge = keep(
    await startJudgeServer({
      ...judgeDefaults,
      ...options.judge,
      seed: options.seed,
      port: port(fixedPorts.judge),
    }),
  )
  const faultSwitch = createFaultSwitch({ modelServers, judge }, options.log)
  const traffic = createTrafficHolder(options)
  const state = () => stateOf({ modelServers, judge, faultSwitch, traffic: traffic.current() })
  const control = keep(
    await startControlServer(port(fixedPorts.control), {
      state,
      injectFault: (request) => faultSwitch.inject(request),
      clearFaults: () => faultSwitch.clear(),
    }),
  )
  return {
    config: labConfig(addressesOf(modelServers, dcgm, judge)),
    controlUrl: control.url,
    judge,
    modelServers,
    startTraffic: traffic.start,
    stopTraffic: traffic.stop,
    injectFault: (request) => faultSwitch.inject(request),
    clearFaults: () => faultSwitch.clear(),
    close: async () => {
      await traffic.stop()
      faultSwitch.clear()
      await Promise.all(opened.map((part) => part.close()))
    },
  }
}

function copiesOf() {
  return labModels.flatMap((model) => model.gpus.map((gpu) => ({ model, gpu })))
}

function startCopy(
  { model, gpu }: ReturnType<typeof copiesOf>[number],
  port: number,
  options: LabOptions,
): Promise<ModelServer> {
  return startModelServer({
    component: model.name,
    model: model.upstreamModel,
    port,
    engine: {
      ...engineDefaults,
      kvCapacityTokens: model.kvCapacityTokens,
      speed: options.speed,
    },
    profile: model.profile,
    seed: `${options.seed}/${model.name}/${gpu}`,
  })
}

function startGpus(modelServers: readonly ModelServer[], port: number): Promise<DcgmServer> {
  const loads = Array.from({ length: labGpu.count }, (_, gpu) => {
    const index = copiesOf().findIndex((copy) => copy.gpu === gpu)
    return modelServers[index] ?? null
  })
  return startDcgmServer({
    port,
    hostname: labNode,
    gpuModel: labGpu.model,
    memoryMiB: labGpu.memoryMiB,
    loads,
  })
}

function addressesOf(
  modelServers: readonly ModelServer[],
  dcgm: DcgmServer,
  judge: JudgeServer,
): LabAddresses {
  const urlsOf = (name: string) =>
    modelServers.filter(({ component }) => component === name).map(({ url }) => url)
  return {
    copies: Object.fromEntries(labModels.map((model) => [model.name, urlsOf(model.name)])),
    dcgmUrl: dcgm.url,
    gpuUuids: dcgm.uuids,
    judgeUrl: judge.url,
    judgeModel: judge.model,
  }
}

function createTrafficHolder(options: LabOptions) {
  let current: LabTraffic | null = null
  let stopped: Promise<unknown> = Promise.resolve()
  const stop = () => {
    if (current !== null) stopped = Promise.all([stopped, current.stop()])
    current = null
    return stopped.then(() => undefined)
  }
  return {
    current: () => current,
    stop,
    start: (request: LabTrafficRequest) => {
      void stop()
      const rates = request.rates ?? labRates
      current = startLabTraffic({ ...request, rates, seed: options.seed, log: options.log })
    },
  }
}

function stateOf(parts: {
  readonly modelServers: readonly ModelServer[]
  readonly judge: JudgeServer
  readonly faultSwitch: FaultSwitch
  readonly traffic: LabTraffic | null
}) {
  return {
    copies: parts.modelServers.map((server) => ({
      component: server.component,
      url: server.url,
      ...server.state(),
      busy: server.busyShare(5_000).busy,
    })),
    judge: { url: parts.judge.url, requests: parts.judge.requests() },
    faults: parts.faultSwitch.active(),
    faultLibrary: faults.map(({ kind, summary }) => ({ kind, summary })),
    traffic: parts.traffic?.counts() ?? null,
  }
}
