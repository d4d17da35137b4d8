import type { Accept } from '../../records/record-kind.ts'
import type { AcceptOnce } from '../../spool/accept-once.ts'
import type { BesideSpans } from './beside-spans.ts'
import type { KnownCall, RecentCalls } from './recent-calls.ts'
import type { SpanFamily } from './span-family.ts'
import type { WaitingVerdicts } from './waiting-verdicts.ts'

export type FindCalls = (callIds: readonly string[]) => Promise<ReadonlyMap<string, KnownCall>>

/** What the receiver remembers between requests, and what it reaches. */
export interface ReceiverParts {
  readonly accept: Accept
  readonly once: AcceptOnce
  readonly recent: RecentCalls
  readonly beside: BesideSpans
  /** The verdicts among them, durable. */
  readonly waiting: WaitingVerdicts
  readonly family: SpanFamily
  /** Those of the keys (`trace:span` of a caller, or id of an answer) of calls that our gateway has recorded itself. */
  readonly passedGateway: (keys: readonly string[]) => Promise<ReadonlySet<string>>
  /** Looks older calls up in the store. */
  readonly findCalls: FindCalls
}
