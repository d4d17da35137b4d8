import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { buildConnector, Client } from 'undici'

/** One socket to a copy at most; reused from call to call, opened again when the server has closed it. */
export class Connection {
  readonly #client: Client
  #socket: Socket | undefined
  #isConnecting = false
  #isHeld = false
  /** Calls sent over the present socket. */
  #served = 0

  constructor(origin: string) {
    // The gateway's own wheel ends connects that take too long, so that the limit can change with a reload.
    const connect = buildConnector({ timeout: 0 })
    this.#client = new Client(origin, {
      pipelining: 1,
      // Below the 5 s after which uvicorn closes idle sockets: the side that closes must be ours.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 60_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 64 * 1024,
      connect: (options, callback) => {
        this.#isConnecting = true
        // The connector returns its socket, which its type does not say.
        const socket: unknown = connect(options, (...result) => {
          this.#isConnecting = false
          this.#served = 0
          if (result[0] === null) this.#adopt(result[1])
          callback(...result)
        })
        this.#socket = isSocket(socket) ? socket : undefined
      },
    })
  }

  /** Whether the call under way is not the first on its socket: then a reset may only mean that it was idle too long. */
  get isReused(): boolean {
    return this.#served > 1
  }

  get isDestroyed(): boolean {
    return this.#client.destroyed
  }

  /** Sends one call; the handler hears of everything that follows. */
  send(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(options, handler)
  }

  /** The call is on the wire now. */
  started(): void {
    this.#served += 1
  }

  /** Stops reading from the server until `proceed`, so that a slow client slows the server. */
  hold(): void {
    this.#isHeld = true
  }

  proceed(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#socket?.emit('readable')
  }

  /** Ends the call under way, in whatever state, and closes the socket. */
  destroy(reason: Error): void {
    if (this.#isConnecting) this.#socket?.destroy()
    this.#client.destroy(reason).catch(() => {})
  }

  /** Closes the socket once the call under way is over. */
  close(): void {
    this.#client.close().catch(() => {})
  }

  /**
   * Puts a gate before the socket's reads. Undici's own pause is not used: when a server resets the connection of
   * a paused answer that is not kept alive, its parser fails an assertion outside of any call and ends the process.
   */
  #adopt(socket: Socket): void {
    this.#socket = socket
    this.#isHeld = false
    const read = socket.read.bind(socket)
    socket.read = (size) => (this.#isHeld ? null : read(size))
  }
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'destroy' in value
}
