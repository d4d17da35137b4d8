// The case that infrastructure dashboards cannot see: latency as it was, and answers no longer good. Pure.
import type { TwoAxisRule } from '../config/schema.ts'
import type { AlertReading } from '../records/alert.ts'
import { ceilingOf, latencyNames, twoAxisSentence } from './two-axis-sentence.ts'
import type { Verdict } from './state-machine.ts'

/** 95th percentile over a window, in seconds, and the calls behind it. */
export interface LatencyReading {
  readonly p95Seconds: number
  readonly n: number
}

/** Time to first token, or the whole answer where there is no first token to see. */
export type LatencyMeasure = 'ttft' | 'total'

/** `null` = no reading. */
export interface LatencyPair {
  readonly measure: LatencyMeasure
  readonly now: LatencyReading | null
  readonly baseline: LatencyReading | null
}

/** Mean of a quality dimension with its 95 % interval; n = answers scored. */
export interface QualityReading {
  readonly value: number
  readonly lower: number
  readonly upper: number
  readonly n: number
}

export interface TwoAxisInput {
  readonly model: string
  /** In order of preference: the first with enough calls on both sides counts. */
  readonly latencies: readonly LatencyPair[]
  readonly quality: QualityReading | null
}

export type TwoAxisLimits = Pick<
  TwoAxisRule,
  'dimension' | 'below' | 'latencyWithin' | 'minimumScores'
>

export interface TwoAxisResult {
  readonly verdict: Verdict
  readonly readings: readonly AlertReading[]
  /** One plain sentence. */
  readonly summary: string
}

/** What each axis says. */
export interface TwoAxisState {
  readonly model: string
  readonly quality: QualityReading | null
  readonly qualityState: 'low' | 'not_low' | 'unknown'
  readonly latency: LatencyPair | null
  readonly latencyState: 'stable' | 'risen' | 'unknown'
}

/**
 * Holds when quality is low for certain (the upper bound of its mean lies below the limit) while latency
 * is stable. Too few scores or calls, or no baseline, make it unknown: it never fires on a guess.
 */
export function twoAxis(limits: TwoAxisLimits, input: TwoAxisInput): TwoAxisResult {
  const state = axesOf(limits, input)
  return {
    verdict: verdictOf(state),
    readings: [
      latencyReading(limits, state.latency ?? input.latencies[0]),
      qualityReading(limits, state),
    ],
    summary: twoAxisSentence(limits, state),
  }
}

function axesOf(limits: TwoAxisLimits, { model, latencies, quality }: TwoAxisInput): TwoAxisState {
  const isEnough = (reading: { n: number } | null) =>
    reading !== null && reading.n >= limits.minimumScores
  const latency = latencies.find(({ now, baseline }) => isEnough(now) && isEnough(baseline)) ?? null
  return {
    model,
    quality,
    qualityState: isEnough(quality) ? lowness(limits, quality) : 'unknown',
    latency,
    latencyState: latency === null ? 'unknown' : steadiness(limits, latency),
  }
}

function lowness(limits: TwoAxisLimits, quality: QualityReading | null): 'low' | 'not_low' {
  return quality !== null && quality.upper < limits.below ? 'low' : 'not_low'
}

/** Faster than the baseline is no worry here. */
function steadiness(limits: TwoAxisLimits, latency: LatencyPair): 'stable' | 'risen' | 'unknown' {
  const ceiling = ceilingOf(limits, latency.baseline)
  if (latency.now === null || ceiling === null) return 'unknown'
  return latency.now.p95Seconds <= ceiling ? 'stable' : 'risen'
}

/**
 * Both axes must say yes. Once it fires, low quality alone keeps it firing: answers that are still unsafe
 * must not read as healed because the servers got slow as well.
 */
function verdictOf({ qualityState, latencyState }: TwoAxisState): Verdict {
  if (qualityState === 'not_low') return 'not'
  if (latencyState === 'risen') return qualityState === 'low' ? 'persists' : 'not'
  return qualityState === 'low' && latencyState === 'stable' ? 'holds' : 'unknown'
}

function latencyReading(limits: TwoAxisLimits, latency: LatencyPair | undefined): AlertReading {
  const { now = null, baseline = null, measure = 'ttft' } = latency ?? {}
  return {
    axis: 'infrastructure',
    metric: `p95 of ${latencyNames[measure]}`,
    value: now?.p95Seconds ?? null,
    lower: null,
    upper: null,
    n: now?.n ?? 0,
    baseline: baseline?.p95Seconds ?? null,
    threshold: ceilingOf(limits, baseline),
    unit: 's',
  }
}

function qualityReading(limits: TwoAxisLimits, { quality }: TwoAxisState): AlertReading {
  return {
    axis: 'quality',
    metric: limits.dimension,
    value: quality?.value ?? null,
    lower: quality?.lower ?? null,
    upper: quality?.upper ?? null,
    n: quality?.n ?? 0,
    baseline: null,
    threshold: limits.below,
    unit: 'ratio',
  }
}
