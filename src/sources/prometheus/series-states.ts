// The four states of a reading over time, as a pure step from scrape to scrape.
import type { ReadingState, Sample, Series } from '../../records/sample.ts'
import { isReset } from '../../vocabulary/counter.ts'

/** A reading with the series that it belongs to. */
export interface PlacedReading {
  readonly key: string
  readonly series: Series
  readonly value: number
  readonly state: 'present' | 'sentinel'
  /** As the exporter stamped it (epoch ms); `null` = it did not. */
  readonly timestampMs: number | null
}

/** What is known of a series: its newest reading. */
export interface SeriesState {
  readonly series: Series
  readonly state: ReadingState
  readonly timeMs: number
  readonly value: number
}

export type SeriesStates = ReadonlyMap<string, SeriesState>

/** One step: the new states and the samples that say what changed. */
export interface Step {
  readonly states: SeriesStates
  readonly samples: readonly Sample[]
  /** A counter fell: what counts was started again. */
  readonly isRestart: boolean
}

export interface Scrape {
  readonly readings: readonly PlacedReading[]
  /** What the target should export and does not, by key. */
  readonly absent: ReadonlyMap<string, Series>
  readonly atMs: number
  readonly staleAfterMs: number
}

/**
 * After a scrape that succeeded. Present and sentinel readings become samples each time; absent, old
 * and vanished ones once, when they become so.
 */
export function afterScrape(before: SeriesStates, scrape: Scrape): Step {
  const states = new Map<string, SeriesState>()
  for (const reading of scrape.readings) states.set(reading.key, stateOf(reading, scrape, before))
  for (const [key, series] of scrape.absent) {
    states.set(key, { series, state: 'absent', timeMs: scrape.atMs, value: NaN })
  }
  const changed = [...states].filter(([key, state]) => isNews(before.get(key), state))
  const vanished = [...before]
    .filter(([key, state]) => !states.has(key) && isReadable(state))
    .map(([, { series }]) => markerOf(series, scrape.atMs))
  return {
    states,
    samples: [...changed.map(([, state]) => sampleOf(state, scrape.atMs)), ...vanished],
    isRestart: changed.some(([key, state]) => hasRestarted(before.get(key), state)),
  }
}

/**
 * After a scrape that failed, or when the target is gone: what could be read is stale at once, and says so once.
 * Last values are remembered, since counters that come back lower tell of a restart in between.
 */
export function afterFailure(before: SeriesStates, atMs: number): Step {
  const lost = [...before.values()].filter(isReadable)
  return {
    states: new Map([...before].map(([key, state]) => [key, withoutReading(state)])),
    samples: lost.map(({ series }) => markerOf(series, atMs)),
    isRestart: false,
  }
}

function withoutReading(state: SeriesState): SeriesState {
  return isReadable(state) ? { ...state, state: 'stale' } : state
}

/** Whether a time lies further back than the age at which readings count as stale (all epoch ms). */
export function isOlder(timeMs: number, atMs: number, staleAfterMs: number): boolean {
  return atMs - timeMs > staleAfterMs
}

function stateOf(reading: PlacedReading, scrape: Scrape, before: SeriesStates): SeriesState {
  // A clock ahead of ours must not write into the future.
  const timeMs = Math.min(reading.timestampMs ?? scrape.atMs, scrape.atMs)
  const state = isOlder(timeMs, scrape.atMs, scrape.staleAfterMs) ? 'stale' : reading.state
  // The same object each time, so that its id need not be computed anew.
  const series = before.get(reading.key)?.series ?? reading.series
  return { series, state, timeMs, value: reading.value }
}

function isNews(before: SeriesState | undefined, state: SeriesState): boolean {
  if (before?.state !== state.state) return true
  return isReadable(state) && state.timeMs !== before.timeMs
}

function isReadable({ state }: SeriesState): boolean {
  return state === 'present' || state === 'sentinel'
}

function hasRestarted(before: SeriesState | undefined, state: SeriesState): boolean {
  if (before === undefined || state.state !== 'present') return false
  if (before.state !== 'present' && before.state !== 'stale') return false
  return state.series.kind === 'counter' && isReset(before.value, state.value)
}

function sampleOf({ series, state, timeMs, value }: SeriesState, atMs: number): Sample {
  if (state === 'stale') return markerOf(series, atMs)
  return { series, timeMs, value: state === 'present' ? value : NaN, state }
}

function markerOf(series: Series, timeMs: number): Sample {
  return { series, timeMs, value: NaN, state: 'stale' }
}
