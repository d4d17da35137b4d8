// What is the matter, in plain words: firing alerts, else one calm line; and what is missing.
import type { Board, BoardAlert, BoardModel } from '../../src/api/contract.ts'
import { hasReading, latest } from './columns.ts'
import { idleShare, lowestQuality } from './figures.ts'
import { bounds, count, percent, plural, score, usd } from './format.ts'
import { fewAnswers } from './pooling.ts'

/** Something that the board cannot say, and how to mend it. */
export interface Gap {
  readonly what: string
  readonly mend: string
}

export interface Verdict {
  /** `low` = no alert, yet quality lies below an alert's bound for certain. */
  readonly tone: 'firing' | 'pending' | 'low' | 'calm'
  readonly alerts: readonly BoardAlert[]
  /** One line about the fleet. */
  readonly statement: string
  readonly gaps: readonly Gap[]
}

const severities = ['critical', 'warning', 'info']

/** The verdict on a board. */
export function verdictOf(board: Board): Verdict {
  const firing = board.alerts
    .filter((alert) => alert.state === 'firing')
    .toSorted(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
        b.startedAtMs - a.startedAtMs,
    )
  const pending = board.alerts.filter((alert) => alert.state === 'pending')
  return {
    tone: toneOf(board, firing, pending),
    alerts: firing.length > 0 ? firing : pending,
    statement: statementOf(board),
    gaps: gapsOf(board),
  }
}

function toneOf(
  board: Board,
  firing: readonly BoardAlert[],
  pending: readonly BoardAlert[],
): Verdict['tone'] {
  if (firing.length > 0) return 'firing'
  if (pending.length > 0) return 'pending'
  return lowSentences(board).length > 0 ? 'low' : 'calm'
}

function statementOf(board: Board): string {
  return [...lowSentences(board), spendSentence(board), qualitySentence(board)]
    .filter(Boolean)
    .join(' ')
}

/** Dimensions whose whole interval lies below the bound of an alert, over the window that is shown. */
function lowSentences(board: Board): string[] {
  return Object.entries(board.thresholds ?? {}).flatMap(([dimension, threshold]) => {
    const lowest = lowestQuality(board.models, dimension)
    if (lowest === null || lowest.interval.upper >= threshold) return []
    const { value, lower, upper } = lowest.interval
    return [
      `In this window ${dimension} of ${lowest.model.model} is ${score(value)} (95% interval ${bounds(lower, upper)}), below ${score(threshold)}.`,
    ]
  })
}

function spendSentence(board: Board): string {
  const models = plural(board.models.length, 'model')
  const now = latest(board.fleet.usdPerHour)
  if (now === null) return `${models}, spend unknown.`
  const share = idleShare(board)
  const verb = board.models.length === 1 ? 'spends' : 'spend'
  const rest = share === null ? '' : `, ${percent(share)} of it on idle GPUs`
  return `${models} ${verb} ${usd(now)} an hour${rest}.`
}

function qualitySentence(board: Board): string {
  const lowest = lowestQuality(board.models, 'composite')
  if (lowest === null) return ''
  const { value, lower, upper, n } = lowest.interval
  const few = n < fewAnswers ? ', too few to be sure' : ''
  const subject = board.models.length === 1 ? 'Answer quality is' : 'Lowest answer quality:'
  const name = board.models.length === 1 ? '' : `${lowest.model.model} `
  return `${subject} ${name}${score(value)} (95% interval ${bounds(lower, upper)}, n ${count(n)}${few}).`
}

/** What the board cannot say. */
export function gapsOf(board: Board): readonly Gap[] {
  return [
    ...sourceGaps(board),
    ...(board.prices.length === 0 && board.models.length > 0
      ? [
          {
            what: 'No price is known, so no cost.',
            mend: 'Set instanceType or price of each node in equipoise.yaml.',
          },
        ]
      : []),
    ...gpuGaps(board),
    ...board.models.flatMap(modelGaps),
  ]
}

function sourceGaps(board: Board): readonly Gap[] {
  const words = { failing: 'is failing', stale: 'is stale', waiting: 'has not answered yet' }
  return board.sources.flatMap((source) =>
    source.state === 'ok'
      ? []
      : [
          {
            what: `Source ${source.name} ${words[source.state]}.`,
            mend: source.detail || `Check that the ${source.kind} source is up and reachable.`,
          },
        ],
  )
}

function gpuGaps(board: Board): readonly Gap[] {
  const read = board.gpus.some((gpu) => hasReading(gpu.duty))
  if (read || board.gpus.length === 0) return []
  const what = `No duty readings of ${plural(board.gpus.length, 'GPU')} in this window.`
  return [{ what, mend: 'Set dcgmUrl of the node to its DCGM exporter.' }]
}

function modelGaps({ model, summary, quality }: BoardModel): readonly Gap[] {
  if (summary.calls === 0) {
    return [{ what: `No call to ${model} in this window.`, mend: 'Send one through the gateway.' }]
  }
  if (Object.keys(quality).length > 0 && summary.scoredCalls > 0) return []
  if (summary.sampledCalls === 0) {
    const mend = 'Raise sampling of the gateway or of the component in equipoise.yaml.'
    return [{ what: `No answer of ${model} was drawn for scoring.`, mend }]
  }
  const what = `None of ${plural(summary.sampledCalls, 'sampled answer')} of ${model} is scored yet.`
  return [{ what, mend: 'Scoring takes a moment; if it stays so, check quality.judge.' }]
}

/** Whether there is nothing to draw at all: the page then shows how to begin. */
export function isFirstRun(board: Board): boolean {
  const calls = board.models.some((model) => model.summary.calls > 0)
  const readings = board.gpus.some((gpu) => hasReading(gpu.duty))
  return !calls && !readings && board.events.length === 0 && board.alerts.length === 0
}
