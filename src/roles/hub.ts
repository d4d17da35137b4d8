// The composition root: everything but the data plane in one process. The order of start and stop is
// visible here; each part gets what it needs and knows nothing of the others.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LiveFeed } from '../api/live-feed.ts'
import { startApi, type Api } from '../api/server.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import type { Alert } from '../records/alert.ts'
import { openSpool, type Spool } from '../spool/spool.ts'
import { startLoader, type Loader } from '../store/loader.ts'
import { openStore, type OpenStore } from '../store/open-store.ts'
import type { Log } from '../telemetry/log.ts'
import { watchFleet, type FleetWatch } from './fleet-watch.ts'
import { superviseGateway, type GatewaySupervisor } from './gateway-supervisor.ts'
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

  const spool = await openHubSpool(config, log)
  await loadOwnBacklog(config, store, log)
  let fleetWatch: FleetWatch | null = null
  const loader = startLoader({
    store,
    directories: ['hub', 'gateway'].map((writer) => spoolDirectory(config, writer)),
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

  gateway = config.gateway.enabled
    ? await superviseGateway({
        dataDirectory: config.dataDirectory,
        source: loaded.source,
        machineStates: () => current().machineStates(),
        log,
      })
    : null
  closing.push(async () => gateway?.stop())

  const api = await serveApi({ store, spool, live, gateway, current, log })
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

function gatewayAddress(config: Config, gateway: GatewaySupervisor | null): string | null {
  return gateway === null ? null : `http://${config.gateway.host}:${gateway.port}`
}

function raise(message: string): never {
  throw new Error(message)
}

const spoolDirectory = (config: Config, writer: string) =>
  join(config.dataDirectory, 'spool', writer)

async function openHubSpool(config: Config, log: Log): Promise<Spool> {
  await mkdir(spoolDirectory(config, 'gateway'), { recursive: true })
  return await openSpool({
    directory: spoolDirectory(config, 'hub'),
    writer: 'hub',
    config: config.spool,
    log,
    now: Date.now,
  })
}

/**
 * What a crash left in the hub's own spool (scores, ledger, alerts) must be queryable before anyone asks what is
 * still to be done. The gateway's calls may be many and follow while everything runs.
 */
async function loadOwnBacklog(config: Config, store: OpenStore, log: Log): Promise<void> {
  const directories = [spoolDirectory(config, 'hub')]
  const loader = startLoader({ store, directories, log, onLoaded: () => undefined })
  await loader.drain()
  await loader.close()
}

/** Everything accepted is loaded before the store closes, so that a clean stop leaves no backlog. */
async function closeSpool(spool: Spool, loader: Loader): Promise<void> {
  await spool.close()
  await loader.drain()
  await loader.close()
}

interface Serving {
  readonly store: OpenStore
  readonly spool: Spool
  readonly live: LiveFeed
  readonly gateway: GatewaySupervisor | null
  readonly current: () => FleetWatch
  readonly log: Log
}

async function serveApi(serving: Serving): Promise<Api> {
  const { store, spool, live, gateway, current, log } = serving
  const api = await startApi({
    config: () => current().config,
    fleet: () => current().fleet,
    store,
    accept: spool.accept,
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
