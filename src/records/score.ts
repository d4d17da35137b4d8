export type ScoreOutcome = 'scored' | 'skipped' | 'dropped' | 'failed'

/** One evaluator's verdict on a call. 1 = good for every evaluator; `value` is `null` unless `scored`. */
export interface Score {
  readonly project: string
  readonly callId: string
  readonly model: string
  readonly component: string
  /** When the call started (epoch ms): scores live on the call's time axis. */
  readonly callStartedAtMs: number
  /** When the verdict was made (epoch ms). */
  readonly scoredAtMs: number
  readonly evaluator: string
  /** Pins everything that can change a verdict: code, judge model, prompt and rubric hash. */
  readonly evaluatorVersion: string
  /** Quality dimension that the score feeds, e.g. `safety`, `accuracy`. */
  readonly dimension: string
  readonly value: number | null
  readonly label: string
  readonly reason: string
  readonly outcome: ScoreOutcome
  /** Measured around the evaluator alone, never the inference; `null` when it did not run or nobody measured. */
  readonly latencySeconds: number | null
  /** From the call's end to the verdict: how far the evaluator is behind. */
  readonly lagSeconds: number
  readonly costUsd: number
  /** Copied from the call, so that estimates can weight by 1/probability. */
  readonly samplingProbability: number
}
