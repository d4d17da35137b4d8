// The gateway process: proxies, meters and appends to its own spool, and needs the hub for none of it.
import { writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { configSchema, type Config } from '../config/schema.ts'
import { startGateway, type Gateway } from '../gateway/gateway.ts'
import type { MachineState } from '../records/call.ts'
import { messageOf } from '../records/failure.ts'
import { handOverDirectory } from '../spool/hand-over-log.ts'
import { openSpool, type Spool } from '../spool/spool.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import { registry } from '../telemetry/metrics.ts'
import { gatewaySocketPath, machineStates, passedKeys } from './gateway-control.ts'
import { version } from './version.ts'

/** File descriptor on which the parent waits for one line of JSON. */
const readyPipe = 3

const unknownState: MachineState = {
  gpuIds: [],
  requestsRunning: null,
  requestsWaiting: null,
  kvCacheUsage: null,
  gpuDuty: null,
  gpuTemperatureCelsius: null,
}

/**
 * Runs the gateway until it is drained or orphaned for longer than `gateway.orphanGrace`.
 * Reads its configuration (JSON, as written in the file, variables filled in) from standard input.
 */
export async function runGatewayRole(): Promise<void> {
  const log = createLog('gateway')
  try {
    const config = parsedConfig(await text(process.stdin))
    const { port } = await start(config, log)
    writeSync(readyPipe, `${JSON.stringify({ port })}\n`)
  } catch (error) {
    writeSync(readyPipe, `${JSON.stringify({ error: messageOf(error) })}\n`)
    process.exitCode = 1
  }
}

async function start(config: Config, log: Log): Promise<Gateway> {
  const spool = await openSpool({
    directory: join(config.dataDirectory, 'spool', 'gateway'),
    writer: 'gateway',
    handOvers: handOverDirectory(config.dataDirectory),
    config: config.spool,
    log,
    now: Date.now,
  })
  const machines = new Map<string, MachineState>()
  const gateway = await startGateway({
    config,
    accept: spool.accept,
    machineState: (copyId) => machines.get(copyId) ?? unknownState,
    log,
  }).catch(async (error: unknown) => {
    await spool.close()
    throw error
  })
  await serveControl({ config, gateway, spool, machines, log })
  return gateway
}

interface Control {
  readonly config: Config
  readonly gateway: Gateway
  readonly spool: Spool
  readonly machines: Map<string, MachineState>
  readonly log: Log
}

async function serveControl(control: Control): Promise<void> {
  const socketPath = gatewaySocketPath(control.config.dataDirectory)
  let lastHubContactMs = Date.now()
  let draining: Promise<void> | null = null
  const drain = () => (draining ??= drainAndExit(control, socketPath))

  const server = createServer((request, response) => {
    lastHubContactMs = Date.now()
    answer(control, request, response, drain).catch((error: unknown) => {
      response.writeHead(400).end(messageOf(error))
    })
  })
  await rm(socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(socketPath, resolve)
  })

  const orphanWatch = setInterval(() => {
    if (Date.now() - lastHubContactMs < control.config.gateway.orphanGrace) return
    control.log.warn('The hub is gone for too long; draining.')
    clearInterval(orphanWatch)
    void drain()
  }, 1_000)
  // A terminal's Ctrl-C reaches the hub, which drains us; a plain kill is an order to drain too.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void drain())
}

async function answer(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
  drain: () => Promise<void>,
): Promise<void> {
  const { gateway, machines } = control
  switch (`${request.method} ${request.url}`) {
    case 'GET /state': {
      const { host } = control.config.gateway
      const identity = { pid: process.pid, version, host, port: gateway.port }
      response.end(
        JSON.stringify({ ...identity, ...gateway.state(), spool: control.spool.stats() }),
      )
      return
    }
    case 'GET /metrics':
      response.end(await registry.metrics())
      return
    case 'PUT /machines': {
      const states = machineStates.parse(JSON.parse(await text(request)))
      for (const [copyId, state] of Object.entries(states)) machines.set(copyId, state)
      response.writeHead(204).end()
      return
    }
    case 'POST /passed': {
      const keys = passedKeys.parse(JSON.parse(await text(request)))
      response.end(JSON.stringify(gateway.passed(keys)))
      return
    }
    case 'PUT /config':
      gateway.reload(parsedConfig(await text(request)))
      response.writeHead(204).end()
      return
    case 'POST /drain':
      response.writeHead(202).end()
      await drain()
      return
    default:
      response.writeHead(404).end()
  }
}

async function drainAndExit(control: Control, socketPath: string): Promise<void> {
  await control.gateway.drain()
  await control.gateway.close()
  await control.spool.close()
  await rm(socketPath, { force: true })
  process.exit(0)
}

/** The wire carries the configuration as written, with its units; each process parses it itself. */
function parsedConfig(json: string): Config {
  return configSchema.parse(JSON.parse(json))
}
