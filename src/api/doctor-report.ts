// What `equipoise doctor` and `GET /api/v1/doctor` say.
import type { RollupAccount, TableAccount } from '../store/accounts.ts'
import type { DoorReport } from '../telemetry/doors.ts'

export interface DoctorCheck {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed'
  /** What was found and, where it is not well, how to mend it. */
  readonly detail: string
}

export interface DoctorReport {
  readonly timeMs: number
  readonly version: string
  /** `adds up` or what does not. */
  readonly verdict: string
  readonly checks: readonly DoctorCheck[]
  readonly tables: readonly TableAccount[]
  readonly rollups: readonly RollupAccount[]
  /** Since the hub started; empty when none runs. */
  readonly doors: readonly DoorReport[]
}

/** Whether there is nothing to mend. */
export function isWell({ checks }: Pick<DoctorReport, 'checks'>): boolean {
  return checks.every(({ state }) => state !== 'failed')
}
