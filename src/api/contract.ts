// What the API answers. The page imports these types and nothing else of the server.

/** One value a time step; `null` = no reading, which is not zero. */
export type Column = readonly (number | null)[]

/** An estimate with its 95 % interval and the number of answers behind it. */
export interface Interval {
  readonly value: number
  readonly lower: number
  readonly upper: number
  readonly n: number
}

/** Estimates over time; all columns have the length of `timesMs`. */
export interface IntervalColumns {
  readonly value: Column
  readonly lower: Column
  readonly upper: Column
  readonly n: readonly number[]
}

/** What people would say of the answers, estimated from a judge's scores of many and people's labels of a few. */
export interface CalibratedInterval {
  readonly value: number
  readonly lower: number
  readonly upper: number
  /** Labels behind it. */
  readonly labels: number
  /**
   * `verdict_strata`: labels of this window by the judge's verdict; `prediction_powered`: labels of this window that
   * give points; `error_rates`: what the judge was found to miss at other times.
   */
  readonly method: 'verdict_strata' | 'prediction_powered' | 'error_rates'
}

export interface BoardModel {
  readonly model: string
  readonly component: string
  readonly copies: number
  readonly gpus: number
  readonly cost: {
    readonly usdPerHour: Column
    /** Part of it spent on reserved GPUs that did no work. */
    readonly idleUsdPerHour: Column
  }
  readonly traffic: {
    readonly callsPerSecond: Column
    readonly errorsPerSecond: Column
    readonly rejectedPerSecond: Column
    readonly promptTokensPerSecond: Column
    readonly completionTokensPerSecond: Column
  }
  /** Seconds. */
  readonly latency: {
    readonly ttftP50: Column
    readonly ttftP95: Column
    readonly tpotP50: Column
    readonly totalP95: Column
    readonly queueP95: Column
  }
  readonly serving: {
    readonly kvCacheUsage: Column
    readonly requestsRunning: Column
    readonly requestsWaiting: Column
  }
  /** By dimension: safety, relevance, accuracy, groundedness, guideline_adherence, composite, ... 1 = good. */
  readonly quality: Readonly<Record<string, IntervalColumns>>
  readonly evaluation: {
    readonly latencyP50: Column
    readonly latencyP95: Column
    readonly lagP95: Column
    readonly scoredPerMinute: Column
    readonly failedPerMinute: Column
  }
  /** Over the whole window. */
  readonly summary: {
    readonly costUsd: number | null
    readonly idleCostUsd: number | null
    readonly usdPerHour: number | null
    readonly usdPerThousandCalls: number | null
    readonly usdPerMillionTokens: number | null
    /** Cost of an answer that succeeded, met its latency objective and passed its quality gate. */
    readonly usdPerGoodAnswer: Interval | null
    readonly calls: number
    readonly errors: number
    readonly rejected: number
    readonly sampledCalls: number
    readonly scoredCalls: number
    readonly ttftP50: number | null
    readonly ttftP95: number | null
    readonly gpuDuty: number | null
    readonly gpuMemoryUsage: number | null
    readonly quality: Readonly<Record<string, Interval>>
    /** By dimension, where there are labels enough; `quality` is the evaluators' own mean beside it. */
    readonly calibrated: Readonly<Record<string, CalibratedInterval>>
    readonly evaluationLatencyP95: number | null
  }
}

export interface BoardGpu {
  readonly id: string
  readonly node: string
  readonly index: number
  readonly name: string
  /** Model that reserves it; `null` = idle by reservation. */
  readonly model: string | null
  readonly copy: string | null
  /** Ratios 0 to 1. */
  readonly duty: Column
  readonly memoryUsage: Column
  readonly temperatureCelsius: Column
}

export interface BoardEvent {
  readonly eventId: string
  readonly timeMs: number
  readonly kind: string
  readonly model: string
  readonly title: string
  readonly detail: string
}

export interface BoardAlert {
  readonly alertId: string
  readonly rule: string
  readonly model: string
  readonly severity: string
  readonly state: string
  readonly startedAtMs: number
  readonly changedAtMs: number
  readonly summary: string
}

/**
 * `GET /api/v1/board?from=&to=&step=&models=`: everything the fleet screen draws, on one time axis.
 * `from`, `to`: epoch ms, ISO time, `now` or `-15m`; default the last 15 minutes. `step` (`10s`, `5m` or
 * ms) is the finest step wanted; the answer's `stepMs` is coarser where more than 600 points, or a
 * window over one hour, ask for it. `models`: names with commas between. Times are aligned to the step.
 */
export interface Board {
  readonly project: string
  readonly generatedAtMs: number
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  /** Start of each step. */
  readonly timesMs: readonly number[]
  readonly fleet: {
    readonly usdPerHour: Column
    /** GPUs that nobody reserved. */
    readonly idleUsdPerHour: Column
    readonly sharedUsdPerHour: Column
    readonly gpusTotal: Column
    /** Did work in the step. */
    readonly gpusActive: Column
    /** Reserved but without work. */
    readonly gpusIdle: Column
    /** Reserved by nobody. */
    readonly gpusUnreserved: Column
    readonly totalCostUsd: number | null
    readonly idleCostUsd: number | null
  }
  readonly prices: readonly {
    readonly node: string
    readonly instanceType: string
    readonly usdPerHour: number
    readonly source: string
    readonly date: string
  }[]
  readonly models: readonly BoardModel[]
  readonly gpus: readonly BoardGpu[]
  readonly events: readonly BoardEvent[]
  readonly alerts: readonly BoardAlert[]
  readonly sources: readonly SourceFreshness[]
  /** By dimension: below this the alert rules call answers bad; drawn as a line. */
  readonly thresholds?: Readonly<Record<string, number>>
  /** Base URL of the gateway, for the commands that the page shows. */
  readonly gatewayUrl?: string
}

/**
 * `GET /api/v1/quality?model=&dimension=&from=&to=&labels=`: each evaluator's own mean and what people would say.
 * `from`, `to` as for the board, default the last 24 hours; `labels` is how many more the plans ask for (default 40).
 */
export interface QualityReport {
  readonly fromMs: number
  readonly toMs: number
  /** Labels since then tell the judge's error rates. */
  readonly labelsFromMs: number
  readonly rows: readonly QualityRow[]
}

/** One version of one evaluator on one dimension of one model's answers. */
export interface QualityRow {
  readonly model: string
  readonly dimension: string
  readonly evaluator: string
  readonly evaluatorVersion: string
  /** Score from which an answer counts as passed. */
  readonly passMark: number
  /** The evaluator's mean over the traffic: each score weighs 1 / its probability to be drawn. */
  readonly raw: Interval & { readonly nEffective: number }
  /** `null` where labels do not suffice; `rawOnly` says why. */
  readonly calibrated: (CalibratedInterval & { readonly labelsEffective: number }) | null
  readonly rawOnly: string | null
  readonly labels: { readonly ofWindow: number; readonly ofAnyTime: number }
  /** Verdicts of evaluator and people, weighted to the traffic; `null` without verdicts of people. */
  readonly agreement: {
    readonly kappa: number | null
    readonly lower: number | null
    readonly upper: number | null
    readonly n: number
    /** From kappa .8 `good`, from .667 `tentative`. */
    readonly strength: 'good' | 'tentative' | 'poor' | 'unknown'
    /** Share of good answers that it passes, and of bad ones that it fails. */
    readonly sensitivity: Interval | null
    readonly specificity: Interval | null
  } | null
  readonly plan: {
    readonly labels: number
    readonly byVerdict: { readonly passed: number; readonly failed: number } | null
    readonly halfWidthNow: number | null
    readonly halfWidthThen: number | null
    readonly sentence: string
  }
}

/** How fresh each source is. */
export interface SourceFreshness {
  readonly name: string
  readonly kind: string
  readonly lastSuccessMs: number | null
  readonly state: 'ok' | 'stale' | 'failing' | 'waiting'
  readonly detail: string
  /** Of targets that are scraped: time of the newest scrape and samples on its page; `null` = no page came. */
  readonly scrape?: { readonly durationMs: number | null; readonly samples: number | null }
}

/**
 * Server-sent events of `GET /api/v1/stream`: a `tick` says that new data is queryable. They carry no
 * event name, so `EventSource.onmessage` gets them all and reads `kind` in the JSON data. Reconnecting
 * with `Last-Event-ID` replays what was missed, or sends one `tick` when that is too long ago.
 */
export type StreamMessage =
  | { readonly kind: 'tick'; readonly timeMs: number }
  | { readonly kind: 'alert'; readonly alert: BoardAlert }
  | { readonly kind: 'event'; readonly event: BoardEvent }

/**
 * `GET /api/v1/session`: who is asking; needs no token, so the page knows whether to ask for one.
 * `POST /api/v1/session` with `{ "token": "..." }` logs in by cookie and answers the same,
 * `DELETE` logs out (204). Other routes answer 401 without and 403 with too small a role.
 */
export interface Session {
  readonly authenticated: boolean
  /** Holder of the token; empty when not authenticated. */
  readonly name: string
  readonly role: 'viewer' | 'reviewer' | 'operator' | 'admin' | 'ingest' | null
  readonly project: string
  readonly version: string
}

/** Every refusal of the API. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: string }
}
