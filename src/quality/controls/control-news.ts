// Tells once when a control moved and once when it is back.
import { Gauge } from 'prom-client'
import type { Event } from '../../records/event.ts'
import type { Finding } from '../../records/finding.ts'
import type { Accept } from '../../records/record-kind.ts'
import type { Log } from '../../telemetry/log.ts'
import { registry } from '../../telemetry/metrics.ts'
import { contentHash } from '../content-hash.ts'
import type { ControlState } from './control-states.ts'

const movedGauge = new Gauge({
  name: 'equipoise_control_moved',
  help: '1 = the control moved (judge drift for the golden set, model drift for probes), 0 = it did not; absent = too few draws.',
  labelNames: ['control', 'model', 'evaluator'],
  registers: [registry],
})

export interface ControlNews {
  tell(states: readonly ControlState[]): Promise<void>
}

/** Models and evaluators name series: their number is bounded. */
const mostSeries = 200

export function openControlNews(options: {
  readonly config: { readonly project: string }
  readonly accept: Accept
  readonly log: Log
  readonly now: () => number
}): ControlNews {
  const { accept, log, now } = options
  const { project } = options.config
  const told = new Set<string>()
  return {
    async tell(states) {
      show(states)
      for (const state of states) {
        if (state.movedAtMs === null) continue
        const finding = findingOf(project, state, { movedAtMs: state.movedAtMs, nowMs: now() })
        if (told.has(finding.findingId)) continue
        // Under the same id after a restart, so that the store keeps one of each.
        await accept('findings', [finding])
        await accept('events', [eventOf(finding, state)])
        told.add(finding.findingId)
        log.warn({ finding: finding.summary }, 'A control moved.')
      }
    },
  }
}

function show(states: readonly ControlState[]): void {
  movedGauge.reset()
  for (const { control, model, evaluator, state } of states.slice(0, mostSeries)) {
    if (state !== 'unknown')
      movedGauge.set({ control, model, evaluator }, Number(state === 'moved'))
  }
}

function findingOf(
  project: string,
  state: ControlState,
  { movedAtMs, nowMs }: { readonly movedAtMs: number; readonly nowMs: number },
): Finding {
  const { control, model, evaluator, version } = state
  return {
    project,
    findingId: contentHash([project, control, model, evaluator, version, movedAtMs]),
    foundAtMs: nowMs,
    kind: control === 'probe_change' ? 'drift' : 'judge_drift',
    model: control === 'probe_change' ? model : '',
    severity: 'warning',
    summary: summaryOf(state),
    fromMs: movedAtMs,
    toMs: state.newestMs,
    evidence: {
      control,
      evaluator,
      version,
      draws: state.draws,
      deviations: state.deviations,
      allowed_rate_ratio: state.allowedRate,
      greatest_e_value: state.greatest,
    },
  }
}

function summaryOf({ control, model, evaluator, allowedRate }: ControlState): string {
  const more = `more often than the allowed ${(allowedRate * 100).toFixed(1)} %`
  if (control === 'golden_change') {
    return `Judge drift: ${evaluator} of ${model} judges frozen answers otherwise than at first, ${more}.`
  }
  if (control === 'golden_truth') {
    return `Judge error: ${evaluator} of ${model} disagrees with the expected labels of the golden set ${more}.`
  }
  return `Model drift: ${model} answers frozen prompts otherwise than at first by ${evaluator}, ${more}.`
}

function eventOf(finding: Finding, state: ControlState): Event {
  const { project, findingId, fromMs, model, summary } = finding
  return {
    project,
    eventId: findingId,
    timeMs: fromMs,
    kind: 'fault',
    model,
    title: summary.slice(0, summary.indexOf(':')),
    detail: summary,
    attributes: { control: state.control, evaluator: state.evaluator },
  }
}
