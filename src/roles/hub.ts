// The composition root: everything but the data plane in one process. The order of start and stop is
// visible here; each part gets what it needs and knows nothing of the others.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoctorReport } from '../api/doctor-report.ts'
import { LiveFeed } from '../api/live-feed.ts'
import { startApi, type Api } from '../api/server.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import type { Alert } from '../records/alert.ts'
import { openWaitingVerdicts, type WaitingVerdicts } from '../sources/otlp/waiting-verdicts.ts'
import type { AcceptOnce } from '../spool/accept-once.ts'
import type { HandOverLog } from '../spool/hand-over-log.ts'
import type { Spool } from '../spool/spool.ts'
import { startLoader, type Loader } from '../store/loader.ts'
import { openStore, type OpenStore } from '../store/open-store.ts'
import type { Log } from '../telemetry/log.ts'
import { examine } from './doctor.ts'
import { watchFleet, type FleetWatch } from './fleet-watch.ts'
import { superviseGateway, type GatewaySupervisor } from './gateway-supervisor.ts'
import { openHubSpool, spoolDirectories } from './hub-spool.ts'
import { packageDirectory, version } from './version.ts'

export interface Hub {
  readonly apiUrl: string
  /** Where exporters of OTLP over gRPC send; `null` when `server.otlpGrpc` is not set. */
  readonly otlpGrpcUrl: string | null
  /** `null` when `gateway.enabled` is false. */
  readonly gatewayUrl: string | null
  reload(loaded: LoadedConfig): Promise<void>
  stop(): Promise<void>
}

/** Starts the hub; throws a `UserError` when a port is taken or the data directory is not ours to use. */
export async function startHub(loaded: LoadedConfig, log: Log): Promise<Hub> {
  const { config } = loaded
  const closing: (() => Promise<void>)[] = []
  const closeAll = async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  }
  try {
    return await start(loaded, log, { closing, closeAll })
  } catch (error) {
    log.debug({ dataDirectory: config.dataDirectory }, 'Start failed; closing what was open.')
    await closeAll()
    throw error
  }
}

interface Closing {
  readonly closing: (() => Promise<void>)[]
  readonly closeAll: () => Promise<void>
}

async function start(loaded: LoadedConfig, log: Log, { closing, closeAll }: Closing): Promise<Hub> {
  const { config } = loaded
  const live = new LiveFeed()
  closing.push(async () => live.close())
  const store = await openStore({ config: config.store, dataDirectory: config.dataDirectory, log })
  closing.push(() => store.close())

  const { spool, once, handOvers } = await openHubSpool(config, store, log)
  closing.push(() => handOvers.close())
  let fleetWatch: FleetWatch | null = null
  const loader = startLoader({
    store,
    directories: spoolDirectories(config),
    handOvers,
    log,
    onLoaded: (table) => {
      live.publish({ kind: 'tick', timeMs: Date.now() })
      if (table === 'calls') fleetWatch?.evaluation.wake()
    },
  })
  closing.push(() => closeSpool(spool, loader))

  const onAlert = (alert: Alert) => live.publish({ kind: 'alert', alert })
  let gateway: GatewaySupervisor | null = null
  const watch = (next: Config) => {
    const gatewayUrl = () => gatewayAddress(next, gateway)
    return watchFleet({ config: next, store, accept: spool.accept, log, onAlert, gatewayUrl })
  }
  fleetWatch = await watch(config)
  closing.push(async () => fleetWatch?.stop())
  const current = () => fleetWatch ?? raise('the fleet watch is not running')

  gateway = await startGateway(loaded, current, log)
  closing.push(async () => gateway?.stop())

  const doctor = () => examineHub({ config: current().config, store, handOvers, loader, current })
  const waitingVerdicts = await openWaitingVerdicts(join(config.dataDirectory, verdictFile))
  closing.push(() => waitingVerdicts.close())
  const parts = { store, spool, once, waitingVerdicts, doctor, live, gateway, current, log }
  const api = await serveApi(parts)
  closing.push(() => api.close())

  return {
    apiUrl: `http://${api.host}:${api.port}`,
    otlpGrpcUrl: api.otlpGrpc === null ? null : `http://${api.otlpGrpc.host}:${api.otlpGrpc.port}`,
    gatewayUrl: gatewayAddress(config, gateway),
    reload: async (next) => {
      const former = current()
      await former.stop()
      fleetWatch = await watch(next.config)
      await gateway?.reload(next.source)
    },
    stop: closeAll,
  }
}

/** Verdicts on calls that have not come yet; in the data directory. */
const verdictFile = 'otlp-verdicts.jsonl'

/** `null` when `gateway.enabled` is false. */
async function startGateway(
  { config, source }: LoadedConfig,
  current: () => FleetWatch,
  log: Log,
): Promise<GatewaySupervisor | null> {
  if (!config.gateway.enabled) return null
  return await superviseGateway({
    dataDirectory: config.dataDirectory,
    source,
    machineStates: () => current().machineStates(),
    log,
  })
}

function gatewayAddress(config: Config, gateway: GatewaySupervisor | null): string | null {
  return gateway === null ? null : `http://${config.gateway.host}:${gateway.port}`
}

function raise(message: string): never {
  throw new Error(message)
}

/** Everything accepted is loaded before the store closes, so that a clean stop leaves no backlog. */
async function closeSpool(spool: Spool, loader: Loader): Promise<void> {
  await spool.close()
  await loader.drain()
  await loader.close()
}

interface Examined {
  readonly config: Config
  readonly store: OpenStore
  readonly handOvers: HandOverLog
  readonly loader: Loader
  readonly current: () => FleetWatch
}

async function examineHub(hub: Examined): Promise<DoctorReport> {
  const { config, store, handOvers, loader, current } = hub
  return await examine({
    config,
    store,
    spoolDirectories: spoolDirectories(config),
    handOvers,
    damagedLines: handOvers.damagedLines,
    sources: current().scraping.freshness(),
    loader: loader.stats(),
    between: (work) => loader.between(work),
    process: `the hub runs as process ${process.pid}`,
    now: Date.now,
  })
}

interface Serving {
  readonly store: OpenStore
  readonly spool: Spool
  readonly once: AcceptOnce
  readonly waitingVerdicts: WaitingVerdicts
  readonly doctor: () => Promise<DoctorReport>
  readonly live: LiveFeed
  readonly gateway: GatewaySupervisor | null
  readonly current: () => FleetWatch
  readonly log: Log
}

async function serveApi(serving: Serving): Promise<Api> {
  const { store, spool, once, waitingVerdicts, doctor, live, gateway, current, log } = serving
  const api = await startApi({
    config: () => current().config,
    fleet: () => current().fleet,
    store,
    accept: spool.accept,
    once,
    waitingVerdicts,
    doctor,
    sampleRows: spool.sampleRows,
    log,
    now: Date.now,
    sources: () => current().scraping.freshness(),
    gatewayState: async () => (gateway === null ? null : await gateway.client.state()),
    gatewayUrl: () => gatewayAddress(current().config, gateway),
    passedGateway: async (keys) => (await gateway?.client.passed(keys)) ?? new Set(),
    gatewayMetrics: async () => (gateway === null ? '' : await gateway.client.metrics()),
    backfills: () => current().backfills,
    activeAlerts: () => current().alerting.active(),
    version,
    webDirectory: join(packageDirectory, 'dist', 'web'),
    live,
  })
  await writeFile(
    join(current().config.dataDirectory, 'hub.json'),
    JSON.stringify({ pid: process.pid, url: `http://${api.host}:${api.port}`, version }),
  )
  return api
}
