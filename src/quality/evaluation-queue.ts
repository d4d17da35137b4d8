// The evaluators' view of the trace: what waits, what is under way, and what was handed over but the store
// does not show yet. It lives in memory only, so a crash loses nothing but this view.
import type { Store } from '../store/store.ts'
import { type SampledCall, scoredAmong, unscoredCalls } from '../store/queries/unscored-calls.ts'

export interface QueueOptions {
  readonly store: Store
  readonly project: string
  /** `null` = all models. */
  readonly models: readonly string[] | null
  /** Calls of one model under way at once, so that a slow model cannot hold up another. */
  readonly parallelPerModel: number
  readonly now: () => number
}

export interface EvaluationQueue {
  /** Reads unscored calls from the store, the newest first. */
  refill(): Promise<void>
  /** The next call to score, models taking turns; `undefined` when none may start. */
  next(): SampledCall | undefined
  /** Its scores are durable: not to be read again until the store shows them. */
  accepted(call: SampledCall): void
  /** It was given up and may be read again. */
  released(call: SampledCall): void
  /** Calls that wait, listed here or only in the store. */
  queued(): number
  /** Whether the store held more than was listed here. */
  hasMore(): boolean
  underWay(): number
}

/** Calls of one model listed in memory at most. */
const listedPerModel = 64
/** What each look covers; older calls are looked for only when nothing recent waits. */
const recentMs = 15 * 60_000
/** Older calls are no longer scored. */
const oldestMs = 24 * 3_600_000
const sweepEveryMs = 60_000
/** Ids travel to the store as a query parameter, whose length has a bound. */
const mostTaken = 4_000

export function openQueue(options: QueueOptions): EvaluationQueue {
  const state: QueueState = {
    listed: new Map(),
    running: new Map(),
    invisible: invisibleIn(options.store),
    unlisted: 0,
    lastModel: '',
  }
  const { listed, running, invisible } = state
  let sweptAtMs = Number.NEGATIVE_INFINITY
  return {
    async refill() {
      await forgetVisible(options, state)
      const timeMs = options.now()
      if (await look(options, state, timeMs - recentMs)) return
      if (countOf(listed.values()) > 0 || timeMs - sweptAtMs < sweepEveryMs) return
      // While old calls turn up, each look sweeps; an empty sweep is not repeated for a while.
      if (!(await look(options, state, timeMs - oldestMs))) sweptAtMs = timeMs
    },
    next() {
      const model = nextModel(options, state)
      const [call, ...rest] = model === undefined ? [] : (listed.get(model) ?? [])
      if (call === undefined) return undefined
      listed.set(call.model, rest)
      state.lastModel = call.model
      running.set(call.model, [...(running.get(call.model) ?? []), call.callId])
      return call
    },
    accepted(call) {
      invisible.set(call.callId, call.startedAtMs)
      end(state, call)
    },
    released: (call) => end(state, call),
    queued: () => countOf(listed.values()) + state.unlisted,
    hasMore: () => state.unlisted > 0,
    underWay: () => countOf(running.values()),
  }
}

interface QueueState {
  /** By model, newest first. */
  readonly listed: Map<string, readonly SampledCall[]>
  /** By model, ids of calls under way. */
  readonly running: Map<string, readonly string[]>
  /** Handed over but not shown by the store: call id to start time (epoch ms). */
  readonly invisible: Map<string, number>
  /** Calls that wait in the store beyond those listed. */
  unlisted: number
  lastModel: string
}

/** Kept by store, so that a reload of the configuration does not score again what is still on its way. */
const invisibleByStore = new WeakMap<Store, Map<string, number>>()

function invisibleIn(store: Store): Map<string, number> {
  const known = invisibleByStore.get(store) ?? new Map<string, number>()
  invisibleByStore.set(store, known)
  return known
}

async function forgetVisible({ store, project }: QueueOptions, state: QueueState): Promise<void> {
  const { invisible } = state
  if (invisible.size === 0) return
  const sinceMs = Math.min(...invisible.values())
  const ids = [...invisible.keys()]
  for (const id of await scoredAmong(store, { project, sinceMs, ids })) invisible.delete(id)
}

/** Lists what waits since a moment (epoch ms). Whether there was anything, or no room to look. */
async function look(options: QueueOptions, state: QueueState, sinceMs: number): Promise<boolean> {
  const { listed, running, invisible } = state
  const listedIds = [...listed.values()].flat().map((call) => call.callId)
  const without = [...listedIds, ...[...running.values()].flat(), ...invisible.keys()]
  if (without.length > mostTaken) return true
  const { calls, waiting } = await unscoredCalls(options.store, {
    project: options.project,
    models: options.models,
    sinceMs,
    without,
    limitPerModel: listedPerModel,
  })
  for (const model of new Set(calls.map((call) => call.model))) {
    const fresh = calls.filter((call) => call.model === model)
    listed.set(model, [...fresh, ...(listed.get(model) ?? [])].slice(0, listedPerModel))
  }
  state.unlisted = waiting - calls.length
  return calls.length > 0
}

/** The model after the last one in the circle of those that may start a call. */
function nextModel(options: QueueOptions, state: QueueState): string | undefined {
  const ready = [...state.listed.keys()]
    .filter((model) => (state.listed.get(model)?.length ?? 0) > 0)
    .filter((model) => (state.running.get(model)?.length ?? 0) < options.parallelPerModel)
    .toSorted()
  return ready.find((model) => model > state.lastModel) ?? ready[0]
}

function end({ running }: QueueState, call: SampledCall): void {
  const ids = running.get(call.model) ?? []
  running.set(
    call.model,
    ids.filter((id) => id !== call.callId),
  )
}

function countOf(lists: Iterable<readonly unknown[]>): number {
  return [...lists].reduce((sum, list) => sum + list.length, 0)
}
