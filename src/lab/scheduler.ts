import type { KvCache, KvLease } from './kv-cache.ts'

/** What a caller asks an engine to generate. */
export interface SequenceInput {
  readonly promptTokens: number
  readonly outputTokens: number
  /** Chained hashes of the prompt's full blocks; empty without prefix cache. */
  readonly prefixKeys: readonly string[]
  readonly finishReason: 'stop' | 'length'
  readonly maxTokens: number
  /** Called once a token, in order, with its index from 0. */
  readonly onToken: (index: number) => void
  readonly onFinish: (cachedTokens: number) => void
}

/** A sequence under way. Times are milliseconds of the engine's clock. */
export interface Sequence {
  readonly input: SequenceInput
  readonly arrivedMs: number
  lease: KvLease | null
  /** Tokens whose keys and values are computed. */
  computed: number
  emitted: number
  cachedTokens: number
  scheduledMs: number | null
  firstTokenMs: number | null
  lastTokenMs: number
}

/** What one step computes: a token for each decoder, chunks of prompt for the others. */
export interface Step {
  readonly decoding: readonly Sequence[]
  readonly prefilling: readonly { readonly sequence: Sequence; readonly tokens: number }[]
  readonly prefillTokens: number
  readonly preempted: number
  readonly admitted: readonly Sequence[]
}

export interface SchedulerOptions {
  readonly maxSequences: number
  /** Most prompt tokens in one step (chunked prefill). */
  readonly prefillChunkTokens: number
}

/** Continuous batching over one cache: who runs, who waits, who gives way. No clock in here. */
export interface Scheduler {
  running(): number
  waiting(): number
  add(sequence: Sequence): void
  remove(sequence: Sequence): void
  /** The next step; `null` when there is nothing to do. */
  plan(): Step | null
}

/**
 * First come, first served, as vLLM's V1 scheduler: decoders first (the youngest gives its blocks back when
 * the cache is full and is recomputed later), then unfinished prompts, then the queue.
 */
export function createScheduler(options: SchedulerOptions, cache: KvCache): Scheduler {
  const running: Sequence[] = []
  const waiting: Sequence[] = []

  return {
    running: () => running.length,
    waiting: () => waiting.length,
    add: (sequence) => {
      waiting.push(sequence)
    },
    remove: (sequence) => {
      drop(running, sequence)
      drop(waiting, sequence)
      giveBack(cache, sequence)
    },
    plan: () => {
      const { decoding, preempted } = growDecoders(running, waiting, cache)
      const chunks = continuePrompts(running, options.prefillChunkTokens)
      const admitted = preempted > 0 ? [] : admit({ running, waiting, cache, options, chunks })
      if (decoding.length === 0 && chunks.length === 0) return null
      const prefillTokens = chunks.reduce((sum, chunk) => sum + chunk.tokens, 0)
      return { decoding, prefilling: chunks, prefillTokens, preempted, admitted }
    },
  }
}

/** Tokens that must be computed before the next token can come out: all so far. */
export function lengthOf(sequence: Sequence): number {
  return sequence.input.promptTokens + sequence.emitted
}

interface Chunk {
  readonly sequence: Sequence
  readonly tokens: number
}

/** A decoder has all but its newest token computed. */
function decodes(sequence: Sequence): boolean {
  return sequence.emitted > 0 && sequence.computed >= lengthOf(sequence) - 1
}

function growDecoders(running: Sequence[], waiting: Sequence[], cache: KvCache) {
  const decoding: Sequence[] = []
  let preempted = 0
  for (const sequence of running.filter(decodes)) {
    while (sequence.lease !== null && !cache.grow(sequence.lease, lengthOf(sequence))) {
      const youngest = running.pop()
      if (youngest === undefined) break
      giveBack(cache, youngest)
      waiting.unshift(youngest)
      preempted += 1
    }
    if (sequence.lease !== null) decoding.push(sequence)
  }
  return { decoding, preempted }
}

function continuePrompts(running: readonly Sequence[], budget: number): Chunk[] {
  const chunks: Chunk[] = []
  let left = budget
  for (const sequence of running) {
    if (left === 0) break
    if (decodes(sequence)) continue
    const tokens = Math.min(left, lengthOf(sequence) - sequence.computed)
    left -= tokens
    chunks.push({ sequence, tokens })
  }
  return chunks
}

function admit(state: {
  readonly running: Sequence[]
  readonly waiting: Sequence[]
  readonly cache: KvCache
  readonly options: SchedulerOptions
  readonly chunks: Chunk[]
}): Sequence[] {
  const { running, waiting, cache, options, chunks } = state
  const admitted: Sequence[] = []
  let left = chunks.reduce((rest, chunk) => rest - chunk.tokens, options.prefillChunkTokens)
  for (;;) {
    const next = waiting[0]
    if (next === undefined || left === 0 || running.length >= options.maxSequences) return admitted
    const length = lengthOf(next)
    next.lease = cache.lease(length, next.input.prefixKeys)
    if (next.lease === null) return admitted
    waiting.shift()
    running.push(next)
    admitted.push(next)
    next.computed = next.lease.shared.length * cache.blockTokens
    if (next.emitted === 0) next.cachedTokens = next.computed
    const tokens = Math.min(left, length - next.computed)
    left -= tokens
    chunks.push({ sequence: next, tokens })
  }
}

function giveBack(cache: KvCache, sequence: Sequence): void {
  if (sequence.lease === null) return
  cache.release(sequence.lease)
  sequence.lease = null
  sequence.computed = 0
}

function drop(list: Sequence[], sequence: Sequence): void {
  const index = list.indexOf(sequence)
  if (index !== -1) list.splice(index, 1)
}
