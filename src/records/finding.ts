export type FindingKind =
  | 'cost_anomaly'
  | 'bottleneck'
  | 'over_provision'
  | 'drift'
  | 'judge_drift'
  | 'relation'
  | 'verdict'
  | 'two_axis'

export type Severity = 'info' | 'warning' | 'critical'

/** What analysis says, with its evidence. */
export interface Finding {
  readonly project: string
  readonly findingId: string
  readonly foundAtMs: number
  readonly kind: FindingKind
  readonly model: string
  readonly severity: Severity
  /** One plain sentence. */
  readonly summary: string
  readonly fromMs: number
  readonly toMs: number
  /** Numbers behind the sentence, by name with unit. */
  readonly evidence: Readonly<Record<string, number | string | null>>
}
