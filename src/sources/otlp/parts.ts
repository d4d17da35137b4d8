import type { Accept } from '../../records/record-kind.ts'
import type { AcceptOnce } from '../../spool/accept-once.ts'
import type { BesideSpans } from './beside-spans.ts'
import type { KnownCall, RecentCalls } from './recent-calls.ts'

/** What the receiver remembers between requests, and what it reaches. */
export interface ReceiverParts {
  readonly accept: Accept
  readonly once: AcceptOnce
  readonly recent: RecentCalls
  readonly beside: BesideSpans
  /** Looks an older call up in the store. */
  readonly findCall: (callId: string) => Promise<KnownCall | undefined>
}
