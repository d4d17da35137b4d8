// Prometheus' state machine for one rule and one model: inactive, pending, firing, resolved. Pure.
import type { AlertState } from '../records/alert.ts'

/**
 * What a rule's condition came to. `persists` = not the whole condition, yet the harm that it warns of is there:
 * too little to fire, enough to go on firing. `unknown` = not enough data, which is neither health nor harm.
 */
export type Verdict = 'holds' | 'persists' | 'not' | 'unknown'

/** Times are epoch ms. */
export interface RuleState {
  readonly state: AlertState
  /** When the episode began, i.e. when it became pending. */
  readonly startedAtMs: number
  readonly changedAtMs: number
  /** When the condition was last seen to hold. */
  readonly lastHeldMs: number
}

export interface Timing {
  /** How long the condition must hold before it fires. */
  readonly forMs: number
  /** How long a pending rule may go unconfirmed before it counts as not holding. */
  readonly pendingPatienceMs: number
  /** How long a firing rule may go unconfirmed before it is resolved for want of data. */
  readonly firingPatienceMs: number
}

/** Where every rule begins. */
export const inactive: RuleState = {
  state: 'inactive',
  startedAtMs: 0,
  changedAtMs: 0,
  lastHeldMs: 0,
}

/** The state after one evaluation. A rule that holds, holds on and fires once; only resolving lets it fire again. */
export function nextState(
  before: RuleState,
  verdict: Verdict,
  timeMs: number,
  timing: Timing,
): RuleState {
  if (before.state === 'pending') return afterPending(before, verdict, timeMs, timing)
  if (before.state === 'firing') return afterFiring(before, verdict, timeMs, timing)
  return verdict === 'holds' ? begun(timeMs, timing) : before
}

/** Whether something changed that must be written down and told: the state, or the episode that it belongs to. */
export function isTransition(before: RuleState, after: RuleState): boolean {
  return before.state !== after.state || before.startedAtMs !== after.startedAtMs
}

function begun(timeMs: number, { forMs }: Timing): RuleState {
  const state = forMs === 0 ? 'firing' : 'pending'
  return { state, startedAtMs: timeMs, changedAtMs: timeMs, lastHeldMs: timeMs }
}

function afterPending(
  before: RuleState,
  verdict: Verdict,
  timeMs: number,
  timing: Timing,
): RuleState {
  const isLapsed = timeMs - before.lastHeldMs > timing.pendingPatienceMs
  if (verdict === 'holds') {
    // Nobody looked for too long to claim that it held all the while.
    if (isLapsed) return begun(timeMs, timing)
    const isDue = timeMs - before.startedAtMs >= timing.forMs
    const held = { ...before, lastHeldMs: timeMs }
    return isDue ? { ...held, state: 'firing', changedAtMs: timeMs } : held
  }
  if (verdict === 'unknown' && !isLapsed) return before
  return { ...before, state: 'inactive', changedAtMs: timeMs }
}

function afterFiring(
  before: RuleState,
  verdict: Verdict,
  timeMs: number,
  timing: Timing,
): RuleState {
  if (verdict === 'holds' || verdict === 'persists') return { ...before, lastHeldMs: timeMs }
  if (verdict === 'unknown' && timeMs - before.lastHeldMs <= timing.firingPatienceMs) return before
  return { ...before, state: 'resolved', changedAtMs: timeMs }
}
