// One try of a call at one copy: takes the answer's bytes from the server and hands them to the client untouched.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import type { CallFacts } from './call-facts.ts'
import type { Connection } from './connection.ts'
import { clientHeaders } from './headers.ts'
import { decodedBody } from './openai/decoded-body.ts'
import type { SseSplitter } from './openai/sse.ts'
import { createSseSplitter } from './openai/sse.ts'
import { createStreamMeter } from './openai/stream-meter.ts'
import { readWholeAnswer } from './openai/whole-answer.ts'

/** Whose call it is. Of `ended` and `broke` one is called, once, unless the relay is abandoned first. */
export interface RelayOwner {
  readonly response: ServerResponse
  readonly facts: CallFacts
  /** The request is on the wire. */
  started(): void
  /** The server's answer is complete and handed over. */
  ended(): void
  /** There is no complete answer. */
  broke(fault: RelayFault): void
}

export interface RelayFault {
  readonly kind: 'connect' | 'reset' | 'request' | 'truncated' | 'encoded'
  readonly message: string
}

/** Answers that are not streams are kept for reading up to this size. */
const keptBodyBytes = 8 * 2 ** 20

export class Relay implements Dispatcher.DispatchHandler {
  readonly connection: Connection
  readonly dispatchedAt: number
  readonly #owner: RelayOwner
  readonly #hidesUsage: boolean
  #startedAt: number | null = null
  #heldSince: number | null = null
  #lastByteAt: number | null = null
  #isOver = false
  #status = 0
  #rawHeaders: readonly (Buffer | string)[] = []
  #splitter: SseSplitter | null = null
  #hasLength = false
  #bodyBytes = 0

  constructor(owner: RelayOwner, connection: Connection, hidesUsage: boolean) {
    this.connection = connection
    this.dispatchedAt = performance.now()
    this.#owner = owner
    this.#hidesUsage = hidesUsage
  }

  /** When the request was written to the server; `null` while connecting. */
  get startedAt(): number | null {
    return this.#startedAt
  }

  /** When the last byte of the answer came; `null` before the first. */
  get lastByteAt(): number | null {
    return this.#lastByteAt
  }

  /** Since when the client has not taken what was sent; `null` while it does. */
  get heldSince(): number | null {
    return this.#heldSince
  }

  /** Ends the try: the server sees its connection close. */
  abandon(reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.connection.destroy(new Error(reason))
  }

  /** Takes what came so far as the whole answer, when its end marker was seen but the server does not end it. */
  finishIfDone(): boolean {
    if (this.#isOver || this.#owner.facts.stream?.isDone() !== true) return false
    this.connection.destroy(new Error('The stream is over but the server keeps it open.'))
    this.#finishStream()
    return true
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) {
      controller.abort(new Error('The call is over.'))
      return
    }
    this.#startedAt = performance.now()
    this.connection.started()
    this.#owner.started()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (this.#isOver || status < 200) return
    this.#status = status
    this.#rawHeaders = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : []
    this.#hasLength = headers['content-length'] !== undefined
    const { facts } = this.#owner
    const encoding = headers['content-encoding'] ?? 'identity'
    facts.bodyEncoding = encoding
    if (!this.#isStream(status, headers)) return
    if (encoding !== 'identity') {
      this.#break({ kind: 'encoded', message: `its stream is compressed (${encoding}), unasked` })
      return
    }
    const meter = createStreamMeter({
      choices: facts.request?.choices ?? 1,
      hidesUsage: this.#hidesUsage,
      textLimit: Math.max(65_536, facts.generation.config.gateway.captureSize),
    })
    facts.stream = meter
    this.#splitter = createSseSplitter((event) => meter.see(event, this.#lastByteAt ?? 0))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return
    this.#lastByteAt = performance.now()
    if (this.#splitter === null) {
      this.#keep(chunk)
      this.#forward(chunk)
    } else {
      this.#forward(this.#splitter.push(chunk))
    }
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    if (this.#splitter === null) this.#finishWhole()
    else this.#finishStream()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver || this.finishIfDone()) return
    this.connection.destroy(error)
    const code = 'code' in error ? String(error.code) : ''
    const message = error.message || code || 'unknown error'
    if (code === 'UND_ERR_INVALID_ARG') this.#break({ kind: 'request', message })
    else if (this.#startedAt === null) this.#break({ kind: 'connect', message })
    else if (this.#status === 0) this.#break({ kind: 'reset', message })
    else this.#break({ kind: 'truncated', message })
  }

  /** By what the server says, or by what was asked when it says nothing useful. */
  #isStream(status: number, headers: IncomingHttpHeaders): boolean {
    const type = (headers['content-type'] ?? '').toLowerCase()
    if (type.startsWith('text/event-stream')) return status === 200
    return status === 200 && this.#owner.facts.request?.streaming === true && !type.includes('json')
  }

  #keep(chunk: Buffer): void {
    const { facts } = this.#owner
    this.#bodyBytes += chunk.length
    if (this.#bodyBytes <= keptBodyBytes) facts.body.push(chunk)
    else {
      facts.body.length = 0
      facts.isBodyWhole = false
    }
  }

  #forward(bytes: Buffer): void {
    if (bytes.length === 0) return
    const { response } = this.#owner
    this.#writeHead()
    if (response.write(bytes) || this.#heldSince !== null) return
    this.#heldSince = performance.now()
    this.connection.hold()
    response.once('drain', () => {
      this.#heldSince = null
      this.#lastByteAt = performance.now()
      this.connection.proceed()
    })
  }

  /** Waits for the first bytes: until then the call may still be retried or refused. */
  #writeHead(): void {
    const { response, facts } = this.#owner
    if (response.headersSent) return
    const isStream = this.#splitter !== null
    facts.status = this.#status
    response.writeHead(
      this.#status,
      clientHeaders(this.#rawHeaders, { callId: facts.callId, isStream }),
    )
  }

  #finishStream(): void {
    const { facts, response } = this.#owner
    const tail = this.#splitter?.flush()
    const verdict = facts.stream?.verdict()
    if (verdict?.outcome === 'truncated') {
      this.#break({ kind: 'truncated', message: verdict.message })
      return
    }
    if (tail !== undefined) this.#forward(tail)
    this.#end()
    response.end()
  }

  /** Without a length only the text itself tells whether the answer is whole, so it is read before it is ended. */
  #finishWhole(): void {
    const { facts, response } = this.#owner
    const isUnsure = !this.#hasLength && this.#status === 200 && facts.isBodyWhole
    if (isUnsure) {
      const { verdict } = readWholeAnswer(decodedBody(facts.body, facts.bodyEncoding), 0)
      if (verdict.code === 'malformed_answer') {
        this.#break({ kind: 'truncated', message: verdict.message })
        return
      }
    }
    this.#writeHead()
    this.#end()
    response.end()
  }

  #end(): void {
    this.#isOver = true
    // The last chunk may have filled the client's buffer; the connection's next call must be read.
    this.connection.proceed()
    this.#owner.ended()
  }

  #break(fault: RelayFault): void {
    this.#isOver = true
    if (fault.kind === 'encoded' || fault.kind === 'truncated') {
      this.connection.destroy(new Error(fault.message))
    }
    this.#owner.broke(fault)
  }
}
