// What just happened, to every open page. The feed keeps the last messages, so that a page that lost its
// connection for a moment misses nothing.
import { randomBytes } from 'node:crypto'
import { Gauge } from 'prom-client'
import { registry } from '../telemetry/metrics.ts'
import type { StreamMessage } from './contract.ts'

const subscribersGauge = new Gauge({
  name: 'equipoise_api_stream_subscribers',
  help: 'Pages that listen to the live stream.',
  registers: [registry],
})

export interface Subscriber {
  /** One server-sent event or comment, ready to be written. */
  deliver(frame: string): void
  /** The feed is done with this subscriber; nothing follows. */
  end(): void
}

export interface LiveFeedOptions {
  /** How many messages can be replayed. */
  readonly ringSize?: number
  readonly heartbeatMs?: number
  /** Ticks that come faster than this are made one. */
  readonly tickEveryMs?: number
}

/** A feed of server-sent events. Owns its heartbeat timer: `close()` ends it and every subscriber. */
export class LiveFeed {
  readonly #options: Required<LiveFeedOptions>
  readonly #subscribers = new Set<Subscriber>()
  readonly #ring: { readonly sequence: number; readonly frame: string }[] = []
  /** Ids of a former process must not be taken for ours. */
  readonly #epoch = randomBytes(6).toString('hex')
  readonly #heartbeat: NodeJS.Timeout
  #sequence = 0
  #tickTimer: NodeJS.Timeout | null = null
  #waitingTick: StreamMessage | null = null

  constructor(options: LiveFeedOptions = {}) {
    this.#options = { ringSize: 256, heartbeatMs: 15_000, tickEveryMs: 1_000, ...options }
    this.#heartbeat = setInterval(
      () => this.#deliver(': still here\n\n'),
      this.#options.heartbeatMs,
    ).unref()
  }

  get subscribers(): number {
    return this.#subscribers.size
  }

  /** Sends a message to every subscriber and keeps it for replay. */
  publish(message: StreamMessage): void {
    if (message.kind !== 'tick' || this.#options.tickEveryMs === 0) {
      this.#send(message)
      return
    }
    if (this.#tickTimer !== null) {
      this.#waitingTick = message
      return
    }
    this.#send(message)
    this.#tickTimer = setTimeout(() => this.#sendWaitingTick(), this.#options.tickEveryMs).unref()
  }

  /**
   * Adds a subscriber and first gives it what it missed.
   * @param lastEventId of the message that it saw last; `null` for a new page
   * @returns ends the subscription
   */
  subscribe(subscriber: Subscriber, lastEventId: string | null): () => void {
    this.#subscribers.add(subscriber)
    subscribersGauge.set(this.#subscribers.size)
    for (const frame of this.#missed(lastEventId)) subscriber.deliver(frame)
    return () => {
      this.#subscribers.delete(subscriber)
      subscribersGauge.set(this.#subscribers.size)
    }
  }

  /** Ends every subscription; pages reconnect when somebody listens again. */
  disconnectAll(): void {
    for (const subscriber of this.#subscribers) subscriber.end()
    this.#subscribers.clear()
    subscribersGauge.set(0)
  }

  close(): void {
    clearInterval(this.#heartbeat)
    if (this.#tickTimer !== null) clearTimeout(this.#tickTimer)
    this.disconnectAll()
  }

  #sendWaitingTick(): void {
    this.#tickTimer = null
    const waiting = this.#waitingTick
    this.#waitingTick = null
    if (waiting !== null) this.publish(waiting)
  }

  #send(message: StreamMessage): void {
    this.#sequence += 1
    const frame = `id: ${this.#epoch}-${this.#sequence}\ndata: ${JSON.stringify(message)}\n\n`
    this.#ring.push({ sequence: this.#sequence, frame })
    if (this.#ring.length > this.#options.ringSize) this.#ring.shift()
    this.#deliver(frame)
  }

  #deliver(frame: string): void {
    // A set may lose members while it is walked: a slow subscriber leaves here.
    for (const subscriber of this.#subscribers) subscriber.deliver(frame)
  }

  #missed(lastEventId: string | null): readonly string[] {
    if (lastEventId === null || lastEventId === '') return []
    const [epoch, digits] = lastEventId.split('-')
    const last = Number(digits)
    const oldest = this.#ring[0]?.sequence ?? this.#sequence + 1
    if (epoch === this.#epoch && last <= this.#sequence && last >= oldest - 1) {
      return this.#ring.filter(({ sequence }) => sequence > last).map(({ frame }) => frame)
    }
    // Too long ago, or another process: one tick makes the page read everything anew.
    const tick: StreamMessage = { kind: 'tick', timeMs: 0 }
    return [`id: ${this.#epoch}-${this.#sequence}\ndata: ${JSON.stringify(tick)}\n\n`]
  }
}
