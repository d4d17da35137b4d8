import type { Alert } from './alert.ts'
import type { Call } from './call.ts'
import type { Event } from './event.ts'
import type { Finding } from './finding.ts'
import type { Label } from './label.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Sample } from './sample.ts'
import type { Score } from './score.ts'

/** Everything that flows, by the name of the table that keeps it. */
export interface RecordKinds {
  readonly calls: Call
  readonly samples: Sample
  readonly scores: Score
  readonly labels: Label
  readonly events: Event
  readonly findings: Finding
  readonly ledger: LedgerEntry
  readonly alerts: Alert
}

export type RecordKind = keyof RecordKinds

/**
 * Where producers hand records over. Resolves once every record is durable on disk;
 * rejects with a `RetryableError` when the disk refuses, and then none was accepted.
 * `keys` become durable in the same moment: hashes of 8 bytes by which a retry is known after a crash.
 */
export type Accept = <Kind extends RecordKind>(
  kind: Kind,
  records: readonly RecordKinds[Kind][],
  keys?: Uint8Array,
) => Promise<void>
