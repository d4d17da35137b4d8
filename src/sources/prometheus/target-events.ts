import type { Event } from '../../records/event.ts'
import { uuidv7 } from '../../records/record-id.ts'
import { infrastructureNamespaceRoot } from '../../vocabulary/namespace.ts'
import { faultOrigin } from '../../vocabulary/xid.ts'
import type { OtherSubject, TargetSubject } from './placement.ts'
import type { SeriesState, SeriesStates, Step } from './series-states.ts'

export interface EventContext {
  readonly project: string
  readonly subject: TargetSubject
  readonly before: SeriesStates
  readonly step: Step
  /** Epoch ms. */
  readonly atMs: number
}

/** What a scrape shows to have happened: a restart (counters fell) and new GPU faults (the code changed). */
export function eventsOf(context: EventContext): Event[] {
  const restarts = context.step.isRestart ? [restartOf(context)] : []
  const faults = [...context.step.states].flatMap(([key, state]) => {
    const before = context.before.get(key)
    return before !== undefined && isNewFault(before, state) ? [faultOf(context, state)] : []
  })
  return [...restarts, ...faults]
}

/** The code stays until the driver is loaded again, so the first reading says nothing of when it came. */
function isNewFault(before: SeriesState, state: SeriesState): boolean {
  if (state.series.metric !== 'gpu.fault') return false
  if (before.state !== 'present' || state.state !== 'present') return false
  return state.value !== 0 && state.value !== before.value
}

function faultOf({ project, atMs }: EventContext, { series, value }: SeriesState): Event {
  const gpu = series.dimensions['gpu'] ?? ''
  const origin = faultOrigin(value)
  const details = {
    hardware: 'Hardware fault: drain the GPU and reset it.',
    application: 'Mostly an error of the application that ran on it.',
    unknown: 'See NVIDIA’s XID catalogue.',
  }
  return {
    project,
    eventId: uuidv7(atMs),
    timeMs: atMs,
    kind: 'fault',
    model: modelOf(series.namespace),
    title: `GPU fault XID ${value} on ${gpu}`,
    detail: details[origin],
    attributes: { ...series.dimensions, xid: String(value), origin },
  }
}

function restartOfOther(project: string, subject: OtherSubject, atMs: number): Event {
  const { labels, model } = subject
  return {
    project,
    eventId: uuidv7(atMs),
    timeMs: atMs,
    kind: 'deploy',
    model: model ?? labels['model'] ?? '',
    title: `Metrics target ${labels['instance'] ?? ''} was restarted`,
    detail: 'Its counters started again from zero.',
    attributes: labels,
  }
}

function restartOf({ project, subject, atMs }: EventContext): Event {
  if (subject.kind === 'other') return restartOfOther(project, subject, atMs)
  const isCopy = subject.kind === 'copy'
  return {
    project,
    eventId: uuidv7(atMs),
    timeMs: atMs,
    kind: isCopy ? 'deploy' : 'fault',
    model: isCopy ? subject.copy.model : '',
    title: isCopy
      ? `Model server ${subject.copy.id} was restarted`
      : `GPU driver of ${subject.node} was restarted`,
    detail: 'Its counters started again from zero.',
    attributes: isCopy
      ? { component: subject.copy.component, copy: subject.copy.id, node: subject.copy.node }
      : { node: subject.node },
  }
}

/** Empty for a GPU that nobody reserves. */
function modelOf(namespace: string): string {
  const root = `${infrastructureNamespaceRoot}/`
  return namespace.startsWith(root) ? namespace.slice(root.length) : ''
}
