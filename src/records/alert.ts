import type { Severity } from './finding.ts'

/** Prometheus' state machine: a condition must hold for `for` before it fires. */
export type AlertState = 'inactive' | 'pending' | 'firing' | 'resolved'

/** One condition of a rule with the value it was read at; `null` = not enough data to say. */
export interface AlertReading {
  readonly axis: 'infrastructure' | 'quality'
  readonly metric: string
  readonly value: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly n: number
  readonly baseline: number | null
  /** `null` = cannot be told, as a bound on latency without a baseline. */
  readonly threshold: number | null
  readonly unit: string
}

/** A rule's transition for one model. */
export interface Alert {
  readonly project: string
  readonly alertId: string
  readonly rule: string
  readonly model: string
  readonly severity: Severity
  readonly state: AlertState
  readonly startedAtMs: number
  readonly changedAtMs: number
  /** One plain sentence that a person can act on. */
  readonly summary: string
  readonly readings: readonly AlertReading[]
}
