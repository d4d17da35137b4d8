// One call of one client: read, admitted, queued, sent, answered, over. Whatever happens ends in the response's
// `close`, and there, in one place, the slot is given back and the call is recorded.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallOperation, MachineState } from '../records/call.ts'
import { uuidv7 } from '../records/record-id.ts'
import { isDrawn } from '../records/sampling.ts'
import type { CallFacts } from './call-facts.ts'
import { unknownMachine } from './call-facts.ts'
import type { CopyPool } from './copy-pool.ts'
import type { Generation, Route } from './generation.ts'
import { upstreamHeaders } from './headers.ts'
import { parseInferenceRequest } from './openai/inference-request.ts'
import type { Refusal } from './openai/refusal.ts'
import {
  bodyTooLarge,
  copiesAway,
  copyFailed,
  encodedBody,
  errorEvent,
  invalidRequest,
  queueFull,
  queueTimeout,
  sendRefusal,
  shuttingDown,
  timedOut,
  truncated,
  unknownModel,
} from './openai/refusal.ts'
import { upstreamBody } from './openai/upstream-body.ts'
import type { RelayFault, RelayOwner } from './relay.ts'
import { Relay } from './relay.ts'
import { readBody } from './request-body.ts'
import type { Lease, SegmentClient, SegmentRefusal } from './segment.ts'
import { traceContext } from './trace-parent.ts'

/** What calls need of their gateway. */
export interface ExchangeHost {
  generation(): Generation
  /** Epoch milliseconds. */
  now(): number
  machineState(copyId: string): MachineState
  /** A client that takes nothing for so long is cut off, in milliseconds. */
  readonly clientStallMs: number
  opened(exchange: Exchange): void
  retried(exchange: Exchange): void
  /** The call is over; called once. */
  closed(exchange: Exchange): void
}

export interface ExchangeStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly operation: CallOperation
  /** Of the client's key; `undefined` where no key is asked for. */
  readonly tenant: string | undefined
}

const paths: Readonly<Record<CallOperation, string>> = {
  chat: '/v1/chat/completions',
  completion: '/v1/completions',
  embedding: '/v1/embeddings',
}

export class Exchange implements SegmentClient<CopyPool>, RelayOwner {
  readonly response: ServerResponse
  readonly facts: CallFacts
  readonly #host: ExchangeHost
  readonly #request: IncomingMessage
  #lease: Lease<CopyPool> | null = null
  #relay: Relay | null = null
  #tries = 0
  #queueDeadline = 0
  #decidedAt: number | null = null
  /** The gateway itself closed the client's connection. */
  #isCut = false

  constructor(host: ExchangeHost, start: ExchangeStart) {
    this.#host = host
    this.#request = start.request
    this.response = start.response
    this.facts = firstFacts(host, start)
  }

  /** Reads the request and lets the call run. */
  begin(): void {
    const { response } = this
    this.#host.opened(this)
    response.on('error', () => {})
    response.once('close', () => this.#close())
    // A pipelined response has no connection of its own yet and would not hear of its end.
    if (response.socket === null) this.#request.socket.once('close', () => this.#close())
    const encoding = this.#request.headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity') this.#refuse(encodedBody(encoding))
    const { maxBody } = this.facts.generation.config.gateway
    readBody(this.#request, maxBody, (body) => {
      if (this.facts.outcome !== null) return
      if (body === null) this.#refuseUnread(bodyTooLarge(maxBody))
      else this.#admit(body)
    })
  }

  granted(lease: Lease<CopyPool>, nowMs: number): void {
    this.#lease = lease
    this.facts.grantedAt = nowMs
    this.facts.copy = lease.copy.id
    this.facts.machine = this.#host.machineState(lease.copy.id)
    this.#send(lease, false)
  }

  refused({ reason, retryAfterMs }: SegmentRefusal): void {
    const { route } = this.facts
    if (route === null) return
    const { name, queue, queueTimeout: waitedMs, copies } = route.component
    if (reason === 'queue_full') this.#refuse(queueFull(name, queue, retryAfterMs))
    else if (reason === 'queue_timeout') this.#refuse(queueTimeout(name, waitedMs, retryAfterMs))
    else
      this.#refuse(
        copiesAway(
          name,
          copies.map((copy) => copy.id),
          retryAfterMs,
        ),
      )
  }

  started(): void {
    if (this.#lease === null) return
    this.facts.route?.segment.succeeded(this.#lease.copy, performance.now())
  }

  ended(): void {
    this.facts.outcome = 'success'
    this.#decidedAt = performance.now()
    this.#releaseSlot()
  }

  broke(fault: RelayFault): void {
    const { copy } = this.facts
    if (this.#retries(fault)) return
    switch (fault.kind) {
      case 'connect':
        return this.#fail(copyFailed(copy, 'copy_unreachable', fault.message))
      case 'reset':
        return this.#fail(copyFailed(copy, 'upstream_reset', fault.message))
      case 'encoded':
        return this.#fail(copyFailed(copy, 'upstream_encoded', fault.message))
      case 'request':
        return this.#fail(
          invalidRequest(`A header of the request cannot be sent on: ${fault.message}.`, null),
        )
      case 'truncated':
        return this.#fail(truncated(copy, fault.message))
    }
  }

  /** Called by the gateway's wheel: ends what takes too long. */
  check(nowMs: number): void {
    if (this.#decidedAt !== null) {
      if (nowMs - this.#decidedAt > this.#host.clientStallMs) this.#cut()
      return
    }
    const relay = this.#relay
    const route = this.facts.route
    if (relay === null || route === null) return
    if (relay.startedAt === null) this.#checkConnect(relay, route, nowMs)
    else this.#checkAnswer(relay, route, nowMs)
  }

  /** The gateway stops: the call cannot go on. */
  stop(): void {
    if (this.facts.outcome === null) {
      const refusal = shuttingDown()
      this.#fail(this.response.headersSent ? { ...refusal, outcome: 'truncated' } : refusal)
    }
  }

  #admit(body: Buffer): void {
    const { facts } = this
    facts.generation = this.#host.generation()
    const parsed = parseInferenceRequest(body, facts.operation)
    if ('status' in parsed) return this.#refuse(parsed)
    facts.request = parsed
    const route = facts.generation.routes.get(parsed.model)
    if (route === undefined)
      return this.#refuse(unknownModel(parsed.model, facts.generation.models))
    facts.route = route
    facts.samplingProbability = facts.isEvaluation || facts.isProbe ? 0 : route.sampling
    const { project } = facts.generation.config
    facts.isSampled = isDrawn(project, facts.callId, facts.samplingProbability)
    const nowMs = performance.now()
    this.#queueDeadline = nowMs + route.component.queueTimeout
    route.segment.enter(this, nowMs, this.#queueDeadline)
  }

  #send(lease: Lease<CopyPool>, isFresh: boolean): void {
    const { request, route, operation, callId, traceParent } = this.facts
    if (request === null || route === null) return
    this.#tries += 1
    const { body, hidesUsage } = upstreamBody(request, route.upstreamModel)
    const connection = isFresh ? lease.copy.takeFresh() : lease.copy.take()
    this.#relay = new Relay(this, connection, hidesUsage)
    const { apiKey } = route.component
    const headers = upstreamHeaders(this.#request.rawHeaders, { apiKey, traceParent, callId })
    const path = lease.copy.basePath + paths[operation]
    connection.send({ method: 'POST', path, headers, body }, this.#relay)
  }

  /** One more try, while nothing has reached the client: elsewhere after a failed connect, anew after a stale connection. */
  #retries(fault: RelayFault): boolean {
    const { route } = this.facts
    const lease = this.#lease
    if (route === null || lease === null) return false
    const nowMs = performance.now()
    if (fault.kind === 'connect') route.segment.failed(lease.copy, nowMs)
    if (this.#tries > 1 || this.response.headersSent || this.response.destroyed) return false
    if (fault.kind === 'connect') {
      this.#host.retried(this)
      this.#releaseSlot()
      route.segment.reenter(this, nowMs, this.#queueDeadline)
      return true
    }
    if (fault.kind === 'reset' && this.#relay?.connection.isReused === true) {
      this.#host.retried(this)
      this.#send(lease, true)
      return true
    }
    return false
  }

  #checkConnect(relay: Relay, { component }: Route, nowMs: number): void {
    if (nowMs - relay.dispatchedAt <= component.connectTimeout) return
    relay.abandon('The connection took too long.')
    this.broke({ kind: 'connect', message: `no connection within ${component.connectTimeout} ms` })
  }

  #checkAnswer(relay: Relay, { component }: Route, nowMs: number): void {
    const { copy, grantedAt, request } = this.facts
    const { startedAt, lastByteAt, heldSince } = relay
    if (nowMs - (grantedAt ?? nowMs) > component.totalTimeout) {
      const detail = `no complete answer within ${component.totalTimeout} ms`
      this.#fail(timedOut(copy, 'total_timeout', detail))
    } else if (heldSince !== null) {
      if (nowMs - heldSince > this.#host.clientStallMs) this.#cut()
    } else if (lastByteAt !== null) {
      if (nowMs - lastByteAt <= component.idleTimeout || relay.finishIfDone()) return
      this.#fail(timedOut(copy, 'idle_timeout', `silent for ${component.idleTimeout} ms`))
    } else if (
      request?.streaming === true &&
      nowMs - (startedAt ?? nowMs) > component.firstTokenTimeout
    ) {
      // An answer that is not streamed has its first byte when it is complete: only the total bounds it.
      const detail = `no answer began within ${component.firstTokenTimeout} ms`
      this.#fail(timedOut(copy, 'first_token_timeout', detail))
    }
  }

  /** Ends a call that was sent: an error object before the first byte, an error event and a closed connection after. */
  #fail(refusal: Refusal): void {
    this.#relay?.abandon(refusal.message)
    if (!this.response.headersSent) return this.#refuse(refusal)
    this.#decide(refusal)
    this.#isCut = true
    const { socket } = this.#request
    if (this.facts.stream === null) socket.destroy()
    // Ending the stream would say that it is whole, so its connection is closed instead.
    else this.response.write(errorEvent(refusal), () => socket.destroy())
    this.#releaseSlot()
  }

  #refuse(refusal: Refusal): void {
    if (this.facts.outcome !== null) return
    this.#decide(refusal)
    this.facts.status = refusal.status
    this.#releaseSlot()
    this.facts.route?.segment.leave(this)
    if (!this.response.destroyed) sendRefusal(this.response, refusal, this.facts.callId)
  }

  /** The body was not read to its end, so the connection cannot be used again. */
  #refuseUnread(refusal: Refusal): void {
    this.response.setHeader('connection', 'close')
    this.#refuse(refusal)
  }

  #decide(refusal: Refusal): void {
    this.#decidedAt = performance.now()
    this.facts.outcome = refusal.outcome
    this.facts.errorType = refusal.code
    this.facts.errorMessage = refusal.message
  }

  /** The client takes nothing: it must not hold a slot. */
  #cut(): void {
    const { outcome } = this.facts
    if (outcome === null || outcome === 'success') this.#leftByClient('client_stalled')
    this.#isCut = true
    this.#request.socket.destroy()
  }

  #leftByClient(reason: string): void {
    this.facts.outcome = 'client_cancelled'
    this.facts.status = 499
    this.facts.errorType = reason
  }

  #releaseSlot(): void {
    const lease = this.#lease
    this.#lease = null
    if (lease === null) return
    if (this.#relay !== null) lease.copy.give(this.#relay.connection)
    this.#relay = null
    lease.release(performance.now())
  }

  #close(): void {
    if (this.facts.endedAt !== 0) return
    this.facts.endedAt = performance.now()
    const { outcome } = this.facts
    const isUndelivered = !this.response.writableFinished && !this.#isCut
    if (outcome === null || (outcome === 'success' && isUndelivered))
      this.#leftByClient('client_closed')
    this.facts.route?.segment.leave(this)
    this.#relay?.abandon('The client left.')
    this.#releaseSlot()
    this.#host.closed(this)
  }
}

function firstFacts(host: ExchangeHost, { request, operation, tenant }: ExchangeStart): CallFacts {
  const startedAtMs = host.now()
  const callId = uuidv7(startedAtMs)
  const named = (name: string) => String(request.headers[name] ?? '').slice(0, 256)
  return {
    callId,
    ...traceContext(request.headers['traceparent']?.toString(), callId),
    startedAtMs,
    arrivedAt: performance.now(),
    operation,
    tenant: tenant ?? named('x-equipoise-tenant'),
    routeName: named('x-equipoise-route'),
    template: named('x-equipoise-template'),
    templateVersion: named('x-equipoise-template-version'),
    generation: host.generation(),
    request: null,
    route: null,
    isEvaluation: named('x-equipoise-purpose') === 'evaluation',
    isProbe: named('x-equipoise-purpose') === 'probe',
    samplingProbability: null,
    isSampled: false,
    grantedAt: null,
    copy: '',
    responseId: '',
    machine: unknownMachine,
    status: 0,
    outcome: null,
    errorType: '',
    errorMessage: '',
    endedAt: 0,
    stream: null,
    body: [],
    bodyEncoding: 'identity',
    isBodyWhole: true,
  }
}
