// Targets that come and go, each on its own clock: one that is down, slow or talks garbage delays no other.
import { createHash } from 'node:crypto'
import type { Target } from '../prometheus/scrape.ts'

/** A target that should be scraped; equal keys are the same target. */
export interface PlannedTarget {
  readonly key: string
  readonly everyMs: number
  readonly open: () => Target
}

export interface TargetSet {
  /** Ends targets that are no longer planned and starts new ones; what stays is not disturbed. */
  update(planned: readonly PlannedTarget[]): Promise<void>
  targets(): Target[]
  stop(): Promise<void>
}

interface Running {
  readonly target: Target
  readonly stopping: AbortController
  readonly clock: Promise<void>
}

/** Starts these targets. */
export function createTargetSet(first: readonly PlannedTarget[]): TargetSet {
  const running = new Map<string, Running>()
  let updating = Promise.resolve()
  let isStopped = false
  const change = async (planned: readonly PlannedTarget[]) => {
    if (isStopped) return
    const keys = new Set(planned.map(({ key }) => key))
    const gone = [...running].filter(([key]) => !keys.has(key))
    for (const [key] of gone) running.delete(key)
    await Promise.all(gone.map(([, one]) => endOf(one)))
    for (const one of planned) if (!running.has(one.key)) running.set(one.key, started(one))
  }
  for (const one of first) if (!running.has(one.key)) running.set(one.key, started(one))
  return {
    update(planned) {
      updating = updating.then(() => change(planned))
      return updating
    },
    targets: () => [...running.values()].map(({ target }) => target),
    async stop() {
      isStopped = true
      await updating
      for (const { stopping } of running.values()) stopping.abort()
      await Promise.all([...running.values()].map(({ clock }) => clock))
    },
  }
}

function started({ open, everyMs }: PlannedTarget): Running {
  const target = open()
  const stopping = new AbortController()
  return { target, stopping, clock: keepScraping(target, everyMs, stopping.signal) }
}

async function endOf({ target, stopping, clock }: Running): Promise<void> {
  stopping.abort()
  await clock
  await target.end()
}

/** However short an interval is asked for, a target is not read without a pause. */
const shortestIntervalMs = 100

/** The first scrape comes soon, so that a fresh start shows something; the next ones keep to their phase. */
const longestFirstDelayMs = 1_000

async function keepScraping(target: Target, asked: number, signal: AbortSignal): Promise<void> {
  const everyMs = Math.max(asked, shortestIntervalMs)
  const phase = createHash('sha256').update(target.name).digest().readUInt32LE(0) / 2 ** 32
  await pause(phase * Math.min(everyMs, longestFirstDelayMs), signal)
  while (!signal.aborted) {
    await target.scrape(signal)
    await pause(untilPhase(Date.now(), phase * everyMs, everyMs), signal)
  }
}

/** Milliseconds to the next instant of the target's own phase, so that targets spread over the interval. */
function untilPhase(timeMs: number, phaseMs: number, everyMs: number): number {
  return everyMs - ((timeMs - phaseMs) % everyMs)
}

/** Waits; an abort ends the wait at once. */
export function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, durationMs)
    signal.addEventListener('abort', done, { once: true })
  })
}
