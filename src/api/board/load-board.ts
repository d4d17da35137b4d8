// Reads what a board is made of, all at once, and has it assembled.
import type { TwoAxisRule } from '../../config/schema.ts'
import type { Alert } from '../../records/alert.ts'
import type { Event } from '../../records/event.ts'
import { goodAnswers } from '../../store/queries/board-answers.ts'
import { boardCalls } from '../../store/queries/board-calls.ts'
import { eventsWithin } from '../../store/queries/board-events.ts'
import { boardBill } from '../../store/queries/board-ledger.ts'
import { boardSamples } from '../../store/queries/board-samples.ts'
import { boardEvaluation, boardScores } from '../../store/queries/board-scores.ts'
import type { BoardWindow } from '../../store/queries/board-window.ts'
import type { JudgedQuery } from '../../store/queries/judged-answers.ts'
import type { ApiContext } from '../context.ts'
import type { Board, BoardAlert, BoardEvent } from '../contract.ts'
import { boardCalibration, type ModelCalibration } from '../quality/board-calibration.ts'
import { passMarks } from '../quality/judging-evidence.ts'
import { assembleBoard } from './assemble.ts'
import { boardMetrics } from './readings.ts'

const mostEvents = 500

/**
 * The board of a window.
 * @param calibration of the window's quality
 */
export async function loadBoard(
  context: ApiContext,
  window: BoardWindow,
  calibration: (query: JudgedQuery) => Promise<readonly ModelCalibration[]> = (query) =>
    boardCalibration(context.store, query),
): Promise<Board> {
  const { store } = context
  const fleet = context.fleet()
  const objectives = fleet.components.map((component) => ({
    model: component.model,
    ttftSeconds: component.ttftSloSeconds,
    totalSeconds: component.totalSloSeconds,
  }))
  const [calls, scores, evaluation, bill, samples, good, events, calibrations] = await Promise.all([
    boardCalls(store, window),
    boardScores(store, window),
    boardEvaluation(store, window),
    boardBill(store, window),
    boardSamples(store, window, boardMetrics),
    goodAnswers(store, window, objectives),
    eventsWithin(store, { ...window, limit: mostEvents }),
    calibration({
      project: window.project,
      fromMs: window.fromMs,
      toMs: window.toMs,
      models: window.models,
      dimensions: [],
      passMarks: passMarks(context.config()),
      questions: {},
    }),
  ])
  const board = assembleBoard({
    window,
    nowMs: context.now(),
    fleet,
    staleAfterMs: context.config().fleet.staleAfter,
    calls,
    scores,
    evaluation,
    bill,
    samples,
    goodAnswers: good,
    calibrations,
    events: events.map(boardEvent),
    alerts: context.activeAlerts().map(boardAlert),
    sources: context.sources(),
  })
  const gatewayUrl = context.gatewayUrl()
  return {
    ...board,
    thresholds: alertThresholds(context.config().alerts.rules),
    ...(gatewayUrl === null ? {} : { gatewayUrl }),
  }
}

/** The strictest bound of each dimension that a rule watches, for the line in the chart. */
function alertThresholds(rules: readonly TwoAxisRule[]): Record<string, number> {
  const thresholds: Record<string, number> = {}
  for (const { dimension, below } of rules) {
    thresholds[dimension] = Math.max(below, thresholds[dimension] ?? 0)
  }
  return thresholds
}

export function boardEvent(event: Event): BoardEvent {
  const { eventId, timeMs, kind, model, title, detail } = event
  return { eventId, timeMs, kind, model, title, detail }
}

export function boardAlert(alert: Alert): BoardAlert {
  const { alertId, rule, model, severity, state, startedAtMs, changedAtMs, summary } = alert
  return { alertId, rule, model, severity, state, startedAtMs, changedAtMs, summary }
}
