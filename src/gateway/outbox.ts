import { Counter } from 'prom-client'
import type { Call } from '../records/call.ts'
import { messageOf, RetryableError } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Log } from '../telemetry/log.ts'
import { registry } from '../telemetry/metrics.ts'

const lostCalls = new Counter({
  name: 'equipoise_gateway_lost_calls_total',
  help: 'Calls whose record was lost because it could not be made durable and the buffer was full.',
  registers: [registry],
})

const refusedBatches = new Counter({
  name: 'equipoise_gateway_refused_batches_total',
  help: 'Batches of call records that were refused and are tried again.',
  registers: [registry],
})

const droppedTexts = new Counter({
  name: 'equipoise_gateway_unsent_texts_total',
  help: 'Call records that lost their prompt and answer, and nothing else, because the buffer was full.',
  registers: [registry],
})

const maxCalls = 20_000
const maxTextLength = 64 * 2 ** 20
const maxBatch = 512

/** Call records on their way to the disk: in batches, one at a time; refused ones are kept and tried again, bounded. */
export class Outbox {
  readonly #accept: Accept
  readonly #log: Log
  readonly #pending: Call[] = []
  #textLength = 0
  #inFlight = 0
  #lost = 0
  #isClosed = false
  #retry: NodeJS.Timeout | undefined
  #onEmpty: (() => void)[] = []

  constructor(accept: Accept, log: Log) {
    this.#accept = accept
    this.#log = log
  }

  /** Records that are not durable yet. */
  get size(): number {
    return this.#pending.length + this.#inFlight
  }

  get lost(): number {
    return this.#lost
  }

  /** Never waits and never throws. */
  put(call: Call): void {
    if (this.#isClosed || this.#pending.length >= maxCalls) {
      this.#lose(1)
      return
    }
    this.#pending.push(this.#withinBudget(call))
    // While a batch is refused the timer decides when to try again.
    if (this.#inFlight === 0 && this.#pending.length === 1) setImmediate(() => this.#sendLater())
  }

  /** Resolves once everything put so far is durable, or after `withinMs`; returns how many are not. */
  async flush(withinMs: number): Promise<number> {
    if (this.size === 0) return 0
    let timer: NodeJS.Timeout | undefined
    const isOver = new Promise<void>((resolve) => {
      this.#onEmpty.push(resolve)
      timer = setTimeout(resolve, withinMs)
    })
    this.#sendLater()
    await isOver
    clearTimeout(timer)
    return this.size
  }

  /** Gives up on what is left, counted as lost. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#lose(this.#pending.splice(0).length)
  }

  /** A full buffer costs texts first and rows last. */
  #withinBudget(call: Call): Call {
    const length = textLengthOf(call)
    if (this.#textLength + length > maxTextLength) {
      droppedTexts.inc()
      return { ...call, prompt: '', answer: '', attributes: {} }
    }
    this.#textLength += length
    return call
  }

  #sendLater(): void {
    this.#send().catch((error: unknown) => {
      this.#log.error({ error: messageOf(error) }, 'Call records could not be sent.')
    })
  }

  async #send(): Promise<void> {
    while (this.#inFlight === 0 && this.#pending.length > 0) {
      const batch = this.#pending.splice(0, maxBatch)
      this.#inFlight = batch.length
      try {
        await this.#accept('calls', batch)
        this.#inFlight = 0
        for (const call of batch) this.#textLength -= textLengthOf(call)
      } catch (error) {
        this.#inFlight = 0
        this.#putBack(batch, error)
        return
      }
    }
    if (this.#inFlight > 0) return
    for (const resolve of this.#onEmpty.splice(0)) resolve()
  }

  #putBack(batch: readonly Call[], error: unknown): void {
    refusedBatches.inc()
    if (this.#isClosed) {
      this.#lose(batch.length)
      return
    }
    this.#pending.unshift(...batch)
    const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : 1_000
    this.#log.warn(
      { error: messageOf(error), waiting: this.#pending.length, retryAfterMs },
      'Call records were refused and are tried again.',
    )
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#sendLater(), retryAfterMs)
  }

  #lose(count: number): void {
    if (count === 0) return
    const before = this.#lost
    this.#lost += count
    lostCalls.inc(count)
    // One line for each doubling: a full disk must not fill the log.
    if (Math.floor(Math.log2(this.#lost)) > Math.floor(Math.log2(Math.max(before, 0.5)))) {
      this.#log.error({ lost: this.#lost }, 'Call records were lost.')
    }
  }
}

function textLengthOf(call: Call): number {
  return call.prompt.length + call.answer.length
}
