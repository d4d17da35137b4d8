// The data plane: an OpenAI-compatible proxy that meters what passes and keeps one model's surge from another.
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { isIP } from 'node:net'
import { Counter, Gauge } from 'prom-client'
import type { Config } from '../config/schema.ts'
import type { Call, MachineState } from '../records/call.ts'
import { messageOf, UserError } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Log } from '../telemetry/log.ts'
import { registry } from '../telemetry/metrics.ts'
import type { Exchange } from './exchange.ts'
import type { Generation } from './generation.ts'
import { allSegmentsOf, nextGeneration, segmentsOf } from './generation.ts'
import type { ListenerHost } from './listener.ts'
import { listen } from './listener.ts'
import { Outbox } from './outbox.ts'
import { createPassedCalls } from './passed-calls.ts'
import type { SegmentState } from './segment.ts'
import type { Settlement } from './settlement.ts'
import { createSettlement } from './settlement.ts'
import { createTokenCounter } from './token-counter.ts'

const retries = new Counter({
  name: 'equipoise_gateway_retries_total',
  help: 'Calls sent a second time after a failed connect or a stale connection.',
  labelNames: ['component'],
  registers: [registry],
})

const running = new Gauge({
  name: 'equipoise_gateway_running_calls',
  help: 'Calls that hold a slot on a copy.',
  labelNames: ['component'],
  registers: [registry],
})

const queued = new Gauge({
  name: 'equipoise_gateway_queued_calls',
  help: 'Calls that wait for a slot.',
  labelNames: ['component'],
  registers: [registry],
})

export interface GatewayOptions {
  readonly config: Config
  readonly accept: Accept
  /** State of a copy and its GPUs at this moment. */
  readonly machineState: (copyId: string) => MachineState
  /** Hears of each call once it is recorded. */
  readonly onCall?: (call: Call) => void
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now?: () => number
  /** A client that takes nothing for so long is cut off, in milliseconds. */
  readonly clientStallMs?: number
}

export interface GatewayState {
  /** By component name. */
  readonly components: Readonly<Record<string, SegmentState>>
  /** Slots held, over all components. */
  readonly leases: number
  /** Requests that are not over: reading, waiting, running or still being sent. */
  readonly open: number
  /** Calls that are over and not yet durable. */
  readonly unrecorded: number
  /** Calls whose record was lost. */
  readonly lost: number
  readonly isDraining: boolean
}

export interface Gateway {
  readonly port: number
  /** Swaps the configuration at once; throws a `UserError` and changes nothing when it cannot be used. */
  reload(config: Config): void
  /** Stops accepting, lets running calls finish within `drainGrace`, and makes their records durable. */
  drain(): Promise<void>
  /** Ends everything now. */
  close(): Promise<void>
  state(): GatewayState
  /** Those of the keys (`trace:span` of the caller, or id of an answer) that are of a call that passed lately. */
  passed(keys: readonly string[]): string[]
}

/** How often deadlines are looked at, in milliseconds: each may be late by this much. */
const wheelMs = 50

/** Starts the gateway and resolves once it listens. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  refuseOpenListener(options.config)
  const gateway = new RunningGateway(options)
  await gateway.open(options.config)
  return gateway
}

class RunningGateway implements Gateway, ListenerHost {
  readonly now: () => number
  readonly machineState: (copyId: string) => MachineState
  readonly clientStallMs: number
  readonly #log: Log
  readonly #server: Server
  readonly #counter = createTokenCounter()
  readonly #outbox: Outbox
  readonly #settlement: Settlement
  readonly #passed = createPassedCalls()
  readonly #open = new Set<Exchange>()
  #generation: Generation
  #isDraining = false
  #wheel: NodeJS.Timeout | undefined
  #onEmpty: (() => void)[] = []
  #port = 0

  constructor(options: GatewayOptions) {
    this.now = options.now ?? Date.now
    this.machineState = options.machineState
    this.clientStallMs = options.clientStallMs ?? 60_000
    this.#log = options.log
    this.#generation = nextGeneration(options.config, undefined, performance.now())
    this.#outbox = new Outbox(options.accept, options.log)
    this.#settlement = createSettlement({
      outbox: this.#outbox,
      counter: this.#counter,
      onCall: (call, facts) => {
        this.#passed.addAnswer(facts.responseId)
        options.onCall?.(call)
      },
      log: options.log,
    })
    this.#server = createServer(serverOptions, (request, response) =>
      listen(this, request, response),
    )
    // Longer than load balancers keep idle connections: the side that closes must be theirs.
    this.#server.keepAliveTimeout = 75_000
  }

  get port(): number {
    return this.#port
  }

  async open(config: Config): Promise<void> {
    this.#port = await startListening(this.#server, config)
    this.#wheel = setInterval(() => turnWheel(this.#generation, this.#open), wheelMs)
  }

  generation(): Generation {
    return this.#generation
  }

  isDraining(): boolean {
    return this.#isDraining
  }

  opened(exchange: Exchange): void {
    this.#open.add(exchange)
    this.#passed.addParent(exchange.facts)
  }

  retried({ facts }: Exchange): void {
    retries.inc({ component: facts.route?.component.name ?? 'none' })
  }

  closed(exchange: Exchange): void {
    this.#open.delete(exchange)
    this.#settlement.put(exchange.facts)
    if (this.#open.size > 0) return
    for (const resolve of this.#onEmpty.splice(0)) resolve()
  }

  reload(config: Config): void {
    this.#generation = nextGeneration(config, this.#generation, performance.now())
  }

  async drain(): Promise<void> {
    const { drainGrace } = this.#generation.config.gateway
    this.#isDraining = true
    this.#server.close()
    if (!(await this.#emptied(drainGrace))) {
      this.#log.warn(
        { calls: this.#open.size },
        'Running calls are cut off at the end of the drain.',
      )
      for (const exchange of this.#open) exchange.stop()
      await this.#emptied(1_000)
    }
    await this.#flush(Math.max(1_000, drainGrace))
  }

  async close(): Promise<void> {
    this.#isDraining = true
    this.#server.close()
    for (const exchange of this.#open) exchange.stop()
    await this.#emptied(200)
    this.#server.closeAllConnections()
    await this.#emptied(1_000)
    await this.#flush(1_000)
    clearInterval(this.#wheel)
    this.#outbox.close()
    for (const segment of segmentsOf(this.#generation).values()) segment.close(performance.now())
    await this.#counter.close()
  }

  passed(keys: readonly string[]): string[] {
    return this.#passed.among(keys)
  }

  state(): GatewayState {
    const nowMs = performance.now()
    const segments = [...allSegmentsOf(this.#generation)]
    const components = Object.fromEntries(
      segments.map(([name, segment]) => [name, segment.state(nowMs)]),
    )
    return {
      components,
      leases: Object.values(components).reduce((sum, { leases }) => sum + leases, 0),
      open: this.#open.size,
      unrecorded: this.#outbox.size,
      lost: this.#outbox.lost,
      isDraining: this.#isDraining,
    }
  }

  /** Whether every call is over in time. */
  async #emptied(withinMs: number): Promise<boolean> {
    if (this.#open.size === 0) return true
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#onEmpty.push(resolve)
      timer = setTimeout(resolve, withinMs)
    })
    clearTimeout(timer)
    return this.#open.size === 0
  }

  async #flush(withinMs: number): Promise<void> {
    await this.#settlement.settled()
    const unrecorded = await this.#outbox.flush(withinMs)
    if (unrecorded > 0) this.#log.error({ unrecorded }, 'Call records are not durable.')
  }
}

const serverOptions = {
  // Receiving a request, not answering it.
  requestTimeout: 120_000,
  headersTimeout: 30_000,
  noDelay: true,
}

function refuseOpenListener({ gateway }: Config): void {
  const { host, keys } = gateway
  const isLoopback =
    host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  if (isLoopback || keys.length > 0) return
  throw new UserError(
    `gateway.host is ${host}, which others can reach, and gateway.keys is empty: add at least one key, or set gateway.host to 127.0.0.1`,
    { code: 'open_listener' },
  )
}

async function startListening(server: Server, { gateway }: Config): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, gateway)))
    server.listen(gateway.port, gateway.host, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : gateway.port
}

function listenFailure(error: Error, { host, port }: Config['gateway']): UserError {
  const isTaken = 'code' in error && error.code === 'EADDRINUSE'
  const mend = isTaken
    ? 'another process listens there: stop it or set gateway.port to a free port'
    : messageOf(error)
  return new UserError(`the gateway cannot listen on ${host}:${port}: ${mend}`, { cause: error })
}

function turnWheel(generation: Generation, open: ReadonlySet<Exchange>): void {
  const nowMs = performance.now()
  for (const exchange of open) exchange.check(nowMs)
  running.reset()
  queued.reset()
  for (const [component, segment] of allSegmentsOf(generation)) {
    segment.tick(nowMs)
    const state = segment.state(nowMs)
    running.set({ component }, state.inFlight)
    queued.set({ component }, state.queued)
  }
}
