// The sentence that a person is woken with. It says what is, what it is held against, and where to look.
import type {
  LatencyMeasure,
  LatencyPair,
  LatencyReading,
  QualityReading,
  TwoAxisLimits,
  TwoAxisState,
} from './two-axis.ts'

export const latencyNames: Readonly<Record<LatencyMeasure, string>> = {
  ttft: 'time to first token',
  total: 'total latency',
}

/** Highest p95 in seconds that still counts as stable; `null` without a baseline. */
export function ceilingOf(limits: TwoAxisLimits, baseline: LatencyReading | null): number | null {
  return baseline === null ? null : baseline.p95Seconds * (1 + limits.latencyWithin)
}

/** One plain sentence for whatever the axes say. */
export function twoAxisSentence(limits: TwoAxisLimits, state: TwoAxisState): string {
  const { model, quality, qualityState, latency, latencyState } = state
  const limit = limits.below.toFixed(2)
  if (qualityState === 'unknown' || quality === null) {
    return `${model}: not enough data: ${quality?.n ?? 0} answers scored for ${limits.dimension} in the window, ${limits.minimumScores} needed.`
  }
  const value = `${quality.value.toFixed(2)} (${intervalText(quality)})`
  if (qualityState === 'not_low') return notLow({ limits, model, quality, value, limit })
  const fell = `${model}: ${limits.dimension} fell to ${value}, below ${limit}`
  if (latencyState === 'unknown' || latency === null) {
    return `${fell}, but there is not enough data to say whether latency is stable: ${limits.minimumScores} calls are needed in the window and before it.`
  }
  if (latencyState === 'risen') {
    return `${fell}, and ${latencyText(latency, 'rose as well')}: look at the servers first.`
  }
  return `${fell}, while ${latencyText(latency, 'is stable')}: the hardware is healthy, so look at the model, its prompt or its input.`
}

interface NotLow {
  readonly limits: TwoAxisLimits
  readonly model: string
  readonly quality: QualityReading
  readonly value: string
  readonly limit: string
}

function notLow({ limits, model, quality, value, limit }: NotLow): string {
  const is = `${model}: ${limits.dimension} is ${value}`
  return quality.value < limits.below
    ? `${is}, which may but need not be below ${limit}.`
    : `${is}, not below ${limit}.`
}

function intervalText({ lower, upper, n }: QualityReading): string {
  return `95 % ${lower.toFixed(2)} to ${upper.toFixed(2)}, n = ${n}`
}

function latencyText({ measure, now, baseline }: LatencyPair, what: string): string {
  return `${latencyNames[measure]} ${what} (p95 ${seconds(now)}, baseline ${seconds(baseline)})`
}

function seconds(reading: LatencyReading | null): string {
  if (reading === null) return 'unknown'
  const { p95Seconds } = reading
  return p95Seconds < 0.1 ? `${(p95Seconds * 1_000).toFixed(0)} ms` : `${p95Seconds.toFixed(2)} s`
}
