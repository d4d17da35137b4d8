// One rule over one model: its state, and the alert that tells of it. Pure.
import type { TwoAxisRule } from '../config/schema.ts'
import type { Alert } from '../records/alert.ts'
import type { Event } from '../records/event.ts'
import { uuidv7 } from '../records/record-id.ts'
import {
  inactive,
  isTransition,
  nextState,
  type RuleState,
  type Timing,
  type Verdict,
} from './state-machine.ts'
import type { TwoAxisResult } from './two-axis.ts'

export interface Watch {
  readonly rule: TwoAxisRule
  readonly model: string
  readonly timing: Timing
  readonly state: RuleState
  /** The current episode, with its newest readings; `null` before the first one. */
  readonly alert: Alert | null
}

export interface WatchStep {
  readonly watch: Watch
  /** To be written down and told; `null` = nothing changed. */
  readonly transition: Alert | null
}

export interface Moment {
  readonly project: string
  /** Epoch ms. */
  readonly atMs: number
}

/** A firing alert without data for longer than this is resolved, and says that this is why. */
const firingPatienceMs = 15 * 60_000

/** A watch that has seen nothing yet. */
export function newWatch(rule: TwoAxisRule, model: string, evaluateEveryMs: number): Watch {
  const pendingPatienceMs = 2 * Math.max(rule.window, evaluateEveryMs)
  const timing = { forMs: rule.for, pendingPatienceMs, firingPatienceMs }
  return { rule, model, timing, state: inactive, alert: null }
}

/**
 * A watch that goes on where it was left. Time in which the program did not run counts towards `for`
 * only where it was short: else the condition must hold all over again.
 */
export function resumedWatch(watch: Watch, past: Alert, atMs: number): Watch {
  const { forMs, pendingPatienceMs } = watch.timing
  const isRecent = atMs - past.changedAtMs <= forMs + pendingPatienceMs
  if (past.state === 'pending' && !isRecent) return watch
  const { state, startedAtMs, changedAtMs } = past
  return { ...watch, state: { state, startedAtMs, changedAtMs, lastHeldMs: atMs }, alert: past }
}

/** The watch after one evaluation. */
export function advanced(watch: Watch, result: TwoAxisResult, moment: Moment): WatchStep {
  const state = nextState(watch.state, result.verdict, moment.atMs, watch.timing)
  const isChange = isTransition(watch.state, state)
  const isActive = state.state === 'pending' || state.state === 'firing'
  if (!isChange && !isActive) return { watch: { ...watch, state }, transition: null }
  // A gap in the data does not replace what is known by what is not.
  const isKept = !isChange && result.verdict === 'unknown' && watch.alert !== null
  const alert = isKept ? watch.alert : alertOf(watch, state, result, moment)
  return { watch: { ...watch, state, alert }, transition: isChange ? alert : null }
}

/** The end of an alert whose rule or model is no longer configured. */
export function withdrawn(alert: Alert, atMs: number): Alert {
  return {
    ...alert,
    state: alert.state === 'firing' ? 'resolved' : 'inactive',
    changedAtMs: atMs,
    summary: `${alert.model}: the rule "${alert.rule}" is no longer configured for it.`,
  }
}

/** What a transition looks like among the things that happened; `null` for those too small to mark. */
export function eventOf(alert: Alert): Event | null {
  if (alert.state !== 'firing' && alert.state !== 'resolved') return null
  const { project, model, rule, state, severity, alertId } = alert
  return {
    project,
    eventId: uuidv7(alert.changedAtMs),
    timeMs: alert.changedAtMs,
    kind: 'alert',
    model,
    title: `${rule} ${state === 'firing' ? 'fires' : 'is resolved'}`,
    detail: alert.summary,
    attributes: { rule, state, severity, alertId },
  }
}

function alertOf(watch: Watch, state: RuleState, result: TwoAxisResult, moment: Moment): Alert {
  const { rule, model, alert } = watch
  const isSameEpisode = alert !== null && alert.startedAtMs === state.startedAtMs
  return {
    project: moment.project,
    alertId: isSameEpisode ? alert.alertId : uuidv7(moment.atMs),
    rule: rule.name,
    model,
    severity: rule.severity,
    state: state.state,
    startedAtMs: state.startedAtMs,
    changedAtMs: state.changedAtMs,
    summary: summaryOf(state, result.verdict, result.summary),
    readings: result.readings,
  }
}

function summaryOf(state: RuleState, verdict: Verdict, summary: string): string {
  const isForWantOfData = state.state === 'resolved' && verdict === 'unknown'
  return isForWantOfData ? `${summary} The alert is closed for want of data.` : summary
}
