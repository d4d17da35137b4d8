import type { Config } from '../config/schema.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Backfills } from '../quality/backfill.ts'
import type { Alert } from '../records/alert.ts'
import type { Accept } from '../records/record-kind.ts'
import type { AcceptOnce } from '../spool/accept-once.ts'
import type { WaitingVerdicts } from '../sources/otlp/waiting-verdicts.ts'
import type { SampleRows } from '../records/sample-rows.ts'
import type { OpenStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import type { SourceFreshness } from './contract.ts'
import type { DoctorReport } from './doctor-report.ts'
import type { LiveFeed } from './live-feed.ts'

/** What the API needs of the rest of the program. Getters, since a reload exchanges what is behind them. */
export interface ApiContext {
  readonly config: () => Config
  readonly fleet: () => Fleet
  readonly store: Store & Pick<OpenStore, 'queryReadOnly' | 'exportTable'>
  readonly accept: Accept
  /** `accept` for what may be sent again. */
  readonly once: AcceptOnce
  /** Verdicts on calls that have not come yet. */
  readonly waitingVerdicts: WaitingVerdicts
  /** The same for samples as columns; without it each goes by `accept`. */
  readonly sampleRows?: SampleRows
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sources: () => readonly SourceFreshness[]
  /** `null` when no gateway answers. */
  readonly gatewayState: () => Promise<unknown>
  /** Where clients send calls; `null` when the gateway is off. */
  readonly gatewayUrl: () => string | null
  /** Those of the keys (`trace:span` of the caller, or id of an answer) that the gateway has recorded itself. */
  readonly passedGateway: (keys: readonly string[]) => Promise<ReadonlySet<string>>
  /** Prometheus text of the gateway's own metrics; empty when it does not answer. */
  readonly gatewayMetrics: () => Promise<string>
  /** Examines the installation; stops the loader for its time. */
  readonly doctor: () => Promise<DoctorReport>
  readonly backfills: () => Backfills
  readonly activeAlerts: () => readonly Alert[]
  readonly version: string
  /** Folder of the built page; `null` serves the API alone. */
  readonly webDirectory: string | null
  readonly live: LiveFeed
}
