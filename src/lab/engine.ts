// One emulated model engine: continuous batching by a fitted step law on a real clock, one timer for all sequences.
import { UserError } from '../records/failure.ts'
import { createBusyMeter, type BusyShare } from './busy-meter.ts'
import { createKvCache, type KvCache } from './kv-cache.ts'
import { createScheduler, lengthOf } from './scheduler.ts'
import type { Scheduler, Sequence, SequenceInput, Step } from './scheduler.ts'
import { createStepClock } from './step-clock.ts'
import { measuredStepLaw, stepMs, type StepLaw } from './step-law.ts'

export interface EngineOptions {
  readonly law: StepLaw
  readonly maxSequences: number
  readonly prefillChunkTokens: number
  readonly blockTokens: number
  readonly kvCapacityTokens: number
  readonly prefixCache: boolean
  /** How many times faster than the law. */
  readonly speed: number
}

export const engineDefaults: EngineOptions = {
  law: measuredStepLaw,
  maxSequences: 64,
  prefillChunkTokens: 2_048,
  blockTokens: 16,
  kvCapacityTokens: 98_304,
  prefixCache: false,
  speed: 1,
}

/** What an engine tells its metrics. Times are milliseconds of `performance.now()`. */
export interface EngineObserver {
  onStep(step: Step, emitted: number): void
  /** A prompt is computed for the first time; recomputation after preemption is not told again. */
  onPrompt(sequence: Sequence): void
  onToken(sequence: Sequence, timeMs: number): void
  onFinish(sequence: Sequence, reason: 'stop' | 'length' | 'abort', timeMs: number): void
}

export interface EngineState {
  readonly running: number
  readonly waiting: number
  /** 0 to 1. */
  readonly kvCacheUsage: number
  readonly kvBlocks: number
}

export interface Engine {
  readonly options: EngineOptions
  /** Queues a sequence; the returned function aborts it and may be called at any time. */
  submit(input: SequenceInput): () => void
  state(): EngineState
  /** Work of the last `windowMs`. */
  busyShare(windowMs: number): BusyShare
  close(): void
}

/** Starts an idle engine; it holds a timer only while there is work. */
export function createEngine(options: EngineOptions, observer: EngineObserver): Engine {
  const cache = createKvCache(options.kvCapacityTokens, options.blockTokens)
  const scheduler = createScheduler(options, cache)
  const meter = createBusyMeter()
  const batch: Batch = { cache, scheduler, observer, live: new Set() }
  let current: Step | null = null

  const clock = createStepClock({
    begin: (startMs) => {
      current = scheduler.plan()
      if (current === null) return null
      for (const sequence of current.admitted) sequence.scheduledMs ??= startMs
      const { law, speed } = options
      const sequences = current.decoding.length + current.prefilling.length
      const lawMs = stepMs(law, sequences, current.prefillTokens)
      const prefillShare = (law.perPrefillTokenMs * current.prefillTokens) / lawMs
      meter.add(startMs, startMs + lawMs / speed, prefillShare)
      return lawMs / speed
    },
    complete: (endMs) => {
      if (current !== null) completeStep(batch, current, endMs)
    },
  })

  return {
    options,
    submit: (input) => {
      refuseTooLong(input, cache.totalBlocks * cache.blockTokens)
      const sequence = newSequence(input, performance.now())
      batch.live.add(sequence)
      scheduler.add(sequence)
      clock.wake(sequence.arrivedMs)
      return () => {
        if (leave(batch, sequence)) observer.onFinish(sequence, 'abort', performance.now())
      }
    },
    state: () => ({
      running: scheduler.running(),
      waiting: scheduler.waiting(),
      kvCacheUsage: cache.usedBlocks() / cache.totalBlocks,
      kvBlocks: cache.totalBlocks,
    }),
    busyShare: (windowMs) => meter.read(performance.now(), windowMs),
    close: () => {
      clock.close()
      batch.live.clear()
    },
  }
}

interface Batch {
  readonly cache: KvCache
  readonly scheduler: Scheduler
  readonly observer: EngineObserver
  /** Sequences that are neither finished nor aborted. */
  readonly live: Set<Sequence>
}

function completeStep(batch: Batch, step: Step, timeMs: number): void {
  let emitted = 0
  for (const sequence of step.decoding) {
    if (!batch.live.has(sequence)) continue
    sequence.computed += 1
    emitted += 1
    emit(batch, sequence, timeMs)
  }
  for (const { sequence, tokens } of step.prefilling) {
    if (!batch.live.has(sequence)) continue
    sequence.computed += tokens
    if (sequence.computed < lengthOf(sequence)) continue
    if (sequence.lease !== null) batch.cache.publish(sequence.lease, sequence.input.prefixKeys)
    if (sequence.emitted === 0) batch.observer.onPrompt(sequence)
    if (sequence.input.outputTokens > 0) emitted += 1
    emit(batch, sequence, timeMs)
  }
  batch.observer.onStep(step, emitted)
}

function emit(batch: Batch, sequence: Sequence, timeMs: number): void {
  if (sequence.input.outputTokens > 0) {
    batch.observer.onToken(sequence, timeMs)
    sequence.firstTokenMs ??= timeMs
    sequence.lastTokenMs = timeMs
    sequence.emitted += 1
    sequence.input.onToken(sequence.emitted - 1)
  }
  if (sequence.emitted < sequence.input.outputTokens || !leave(batch, sequence)) return
  batch.observer.onFinish(sequence, sequence.input.finishReason, timeMs)
  sequence.input.onFinish(sequence.cachedTokens)
}

/** False when it had left before. */
function leave(batch: Batch, sequence: Sequence): boolean {
  batch.scheduler.remove(sequence)
  return batch.live.delete(sequence)
}

function newSequence(input: SequenceInput, arrivedMs: number): Sequence {
  return {
    input,
    arrivedMs,
    lease: null,
    computed: 0,
    emitted: 0,
    cachedTokens: 0,
    scheduledMs: null,
    firstTokenMs: null,
    lastTokenMs: arrivedMs,
  }
}

function refuseTooLong(input: SequenceInput, capacityTokens: number): void {
  const tokens = input.promptTokens + input.outputTokens
  if (tokens <= capacityTokens) return
  throw new UserError(
    `The request needs ${tokens} tokens (${input.promptTokens} of prompt, ${input.outputTokens} to generate), ` +
      `but this model's cache holds ${capacityTokens}. Shorten the prompt or lower max_tokens.`,
  )
}
