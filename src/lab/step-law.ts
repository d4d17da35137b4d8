/** Time of one engine step: `base + perSequence * sequences + perPrefillToken * tokens` milliseconds. */
export interface StepLaw {
  readonly baseMs: number
  readonly perSequenceMs: number
  readonly perPrefillTokenMs: number
}

/** One measured point: a batch of equal prompts, its prefill time and the time of one decode step. */
export interface StepMeasurement {
  readonly batch: number
  readonly promptTokens: number
  readonly promptMs: number
  readonly tokenMs: number
}

export interface StepLawFit extends StepLaw {
  /** Share of the variance of decode steps that the law explains. */
  readonly decodeR2: number
  readonly prefillR2: number
}

/** Fitted to llama2-70b on 8 H100 (splitwise-sim's measurements, MIT); the test fits it again. */
export const measuredStepLaw: StepLaw = {
  baseMs: 30,
  perSequenceMs: 0.304,
  perPrefillTokenMs: 0.0909,
}

/** Duration of one step in milliseconds. */
export function stepMs(law: StepLaw, sequences: number, prefillTokens: number): number {
  return law.baseMs + law.perSequenceMs * sequences + law.perPrefillTokenMs * prefillTokens
}

/** Least squares: decode steps give base and cost per sequence, prefills the cost per prompt token. */
export function fitStepLaw(rows: readonly StepMeasurement[]): StepLawFit {
  const decode = fitLine(rows.map((row) => [row.batch, row.tokenMs]))
  const prefill = fitLine(rows.map((row) => [row.batch * row.promptTokens, row.promptMs]))
  return {
    baseMs: decode.intercept,
    perSequenceMs: decode.slope,
    perPrefillTokenMs: prefill.slope,
    decodeR2: decode.r2,
    prefillR2: prefill.r2,
  }
}

function fitLine(points: readonly (readonly [number, number])[]) {
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const covariance = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)))
  const varianceX = mean(points.map(([x]) => (x - meanX) ** 2))
  const varianceY = mean(points.map(([, y]) => (y - meanY) ** 2))
  const slope = covariance / varianceX
  return { slope, intercept: meanY - slope * meanX, r2: (slope * covariance) / varianceY }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
