import type { CopyConfig } from '../config/schema.ts'
import { Connection } from './connection.ts'

/**
 * The connections to one copy. There are as many as calls in flight: the segment is the only queue, and undici's
 * own pool, which queues out of sight and cannot give up a connect under way, is not used.
 */
export class CopyPool {
  readonly key: string
  readonly id: string
  /** Path before `/v1`, empty for most. */
  readonly basePath: string
  readonly #origin: string
  readonly #idle: Connection[] = []
  #isClosed = false

  constructor(copy: CopyConfig) {
    const url = new URL(copy.url)
    this.key = keyOf(copy)
    this.id = copy.id
    this.basePath = url.pathname.replace(/\/+$/, '')
    this.#origin = url.origin
  }

  /** The connection that was used last, or a new one. */
  take(): Connection {
    return this.#idle.pop() ?? new Connection(this.#origin)
  }

  /** A new connection whatever is idle: after a stale one, others are likely stale too. */
  takeFresh(): Connection {
    return new Connection(this.#origin)
  }

  /** Takes a connection back after its call. */
  give(connection: Connection): void {
    if (connection.isDestroyed) return
    if (this.#isClosed) connection.close()
    else this.#idle.push(connection)
  }

  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle.splice(0)) connection.close()
  }
}

/** Same key, same copy: a copy that moves to another address is another copy. */
export function keyOf(copy: CopyConfig): string {
  return `${copy.id} ${copy.url}`
}
