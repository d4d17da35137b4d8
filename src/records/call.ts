/** What ended a call. Only `success` counts as an answer; a stream that broke is never a success. */
export type CallOutcome =
  | 'success'
  | 'client_cancelled'
  | 'rejected'
  | 'timeout'
  | 'upstream_error'
  | 'truncated'
  | 'invalid_request'

/** Where token counts came from; `estimated` is never mixed silently with the engine's own numbers. */
export type UsageSource = 'upstream' | 'counted' | 'estimated' | 'none'

export type CallOperation = 'chat' | 'completion' | 'embedding'

/** State of the copy and its GPUs when the call ran; `null` = no reading, never zero. */
export interface MachineState {
  readonly gpuIds: readonly string[]
  readonly requestsRunning: number | null
  readonly requestsWaiting: number | null
  readonly kvCacheUsage: number | null
  readonly gpuDuty: number | null
  readonly gpuTemperatureCelsius: number | null
}

/** One inference. Times are epoch milliseconds, durations seconds; `null` = not known. */
export interface Call {
  readonly project: string
  /** UUIDv7 made by the gateway, or `trace:span` of an ingested span. */
  readonly callId: string
  readonly traceId: string
  readonly spanId: string
  readonly startedAtMs: number
  readonly model: string
  readonly component: string
  /** Empty when the call was never dispatched to a copy. */
  readonly copy: string
  readonly route: string
  readonly tenant: string
  readonly operation: CallOperation
  readonly streaming: boolean
  /** HTTP status that the client saw; 499 when the client left. */
  readonly status: number
  readonly outcome: CallOutcome
  readonly errorType: string
  readonly errorMessage: string
  readonly finishReason: string
  readonly queueSeconds: number | null
  /** First non-empty content, reasoning or tool delta, from arrival; `null` without one. */
  readonly ttftSeconds: number | null
  /** (last - first token) / (completion tokens - 1). */
  readonly tpotSeconds: number | null
  readonly totalSeconds: number
  readonly promptTokens: number | null
  /** Part of `promptTokens` that came from the prefix cache. */
  readonly cachedTokens: number | null
  readonly completionTokens: number | null
  readonly usageSource: UsageSource
  readonly modelVersion: string
  readonly engineVersion: string
  readonly promptTemplate: string
  readonly promptVersion: string
  /** Inclusion probability of the quality sample, recorded on every call, drawn or not. */
  readonly samplingProbability: number
  readonly sampled: boolean
  /** Redacted text; empty where it was not captured. */
  readonly prompt: string
  readonly answer: string
  /** The caller's own string pairs (OpenAI `metadata`), redacted, e.g. `reference`, `context`. */
  readonly attributes: Readonly<Record<string, string>>
  readonly machine: MachineState
}
