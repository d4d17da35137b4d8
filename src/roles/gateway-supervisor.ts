// Keeps one gateway running: adopts the one that a former hub left behind, starts one otherwise,
// starts it again when it dies, and pushes machine states every second.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MachineState } from '../records/call.ts'
import { UserError } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import { gatewayClient, type GatewayClient } from './gateway-client.ts'
import { gatewayReadiness, gatewaySocketPath, type GatewayIdentity } from './gateway-control.ts'
import { packageDirectory, version } from './version.ts'

export interface GatewaySupervisor {
  /** Port that the gateway listens on. */
  readonly port: number
  readonly client: GatewayClient
  /** Hands a new configuration over; running calls keep the old one. */
  reload(source: unknown): Promise<void>
  /** Drains the gateway and waits until it is gone. */
  stop(): Promise<void>
}

export interface SupervisorContext {
  readonly dataDirectory: string
  /** The configuration as written, variables filled in. */
  readonly source: unknown
  readonly machineStates: () => Readonly<Record<string, MachineState>>
  readonly log: Log
}

const pushEveryMs = 1_000
const longestRestartPauseMs = 10_000

/** Starts or adopts the gateway; throws a `UserError` with the gateway's own words when it cannot start. */
export async function superviseGateway(context: SupervisorContext): Promise<GatewaySupervisor> {
  const client = gatewayClient(gatewaySocketPath(context.dataDirectory))
  let source = context.source
  let port = await adoptOrStart(context, client, source)
  let restartPauseMs = 100
  const stopping = new AbortController()

  const watch = async () => {
    while (!stopping.signal.aborted) {
      await sleep(pushEveryMs)
      if (stopping.signal.aborted) return
      if (await client.pushMachines(context.machineStates())) {
        restartPauseMs = 100
        continue
      }
      if (await isAlive(client)) continue
      context.log.error({ restartPauseMs }, 'The gateway is gone; starting it again.')
      await sleep(restartPauseMs)
      restartPauseMs = Math.min(2 * restartPauseMs, longestRestartPauseMs)
      if (!stopping.signal.aborted) port = await restarted(context, client, source, port)
    }
  }
  const watching = watch()

  return {
    get port() {
      return port
    },
    client,
    reload: async (next) => {
      source = next
      if (!(await client.pushConfig(next))) {
        throw new Error('the gateway did not take the new configuration')
      }
    },
    stop: async () => {
      stopping.abort()
      await watching
      await drained(client)
      await client.close()
    },
  }
}

async function isAlive(client: GatewayClient): Promise<boolean> {
  // A gateway busy for a moment must not be taken for dead: ask three times.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if ((await client.state()) !== null) return true
    await sleep(200)
  }
  return false
}

async function restarted(
  context: SupervisorContext,
  client: GatewayClient,
  source: unknown,
  formerPort: number,
): Promise<number> {
  try {
    return await adoptOrStart(context, client, source)
  } catch (error) {
    context.log.error({ err: error }, 'The gateway did not start.')
    return formerPort
  }
}

async function adoptOrStart(
  context: SupervisorContext,
  client: GatewayClient,
  source: unknown,
): Promise<number> {
  const found = await client.state()
  if (found !== null && found.version === version && (await client.pushConfig(source))) {
    context.log.info({ pid: found.pid, port: found.port }, 'Adopted the running gateway.')
    return found.port
  }
  if (found !== null) await replaced(client, found, context.log)
  return await start(source)
}

async function replaced(client: GatewayClient, found: GatewayIdentity, log: Log): Promise<void> {
  log.info({ pid: found.pid, version: found.version }, 'Draining a gateway of another version.')
  await drained(client)
}

async function drained(client: GatewayClient): Promise<void> {
  await client.drain()
  while ((await client.state()) !== null) await sleep(50)
}

async function start(source: unknown): Promise<number> {
  const child = spawn(
    process.execPath,
    [join(packageDirectory, 'dist/src/cli/main.js'), 'role', 'gateway'],
    // Its own session: Ctrl-C in a terminal must not cut streams that the hub means to drain.
    { detached: true, stdio: ['pipe', 'inherit', 'inherit', 'pipe'] },
  )
  child.unref()
  const [standardInput, , , readyPipe] = child.stdio
  writeAll(standardInput, JSON.stringify(source))
  const line = await firstLine(readyPipe)
  const readiness = gatewayReadiness.safeParse(line === '' ? undefined : JSON.parse(line))
  if (!readiness.success) {
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
    throw new UserError(`the gateway process ended at start-up (exit code ${String(code)})`)
  }
  if ('error' in readiness.data) throw new UserError(readiness.data.error)
  return readiness.data.port
}

function writeAll(stream: Writable | null | undefined, text: string): void {
  stream?.on('error', () => undefined)
  stream?.end(text)
}

async function firstLine(stream: Readable | Writable | null | undefined): Promise<string> {
  if (stream === null || stream === undefined || !('read' in stream)) return ''
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return text.trim()
}
