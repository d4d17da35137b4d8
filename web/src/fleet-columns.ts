// The columns of the fleet table: one entry each, sorting and text from the same number.
import type { BoardModel, CalibratedInterval, Interval } from '../../src/api/contract.ts'
import { bounds, count, halfWidth, percent, score, seconds, usd } from './format.ts'
import { fewAnswers } from './pooling.ts'

export interface FleetColumn {
  readonly id: string
  readonly group: 'Cost' | 'GPU' | 'Serving' | 'Answers' | 'Unit cost'
  readonly label: string
  readonly meaning: string
  /** What rows are sorted by; `null` sorts last. */
  readonly value: (model: BoardModel) => number | null
  readonly text: (model: BoardModel) => string
  /** What the number alone does not say: interval, n. */
  readonly more?: (model: BoardModel) => string
  readonly interval?: (model: BoardModel) => Interval | undefined
  /** What people would say, from their labels. */
  readonly calibrated?: (model: BoardModel) => CalibratedInterval | undefined
}

const idleShareOf = ({ summary }: BoardModel) =>
  summary.idleCostUsd === null || !summary.costUsd ? null : summary.idleCostUsd / summary.costUsd

const errorRateOf = ({ summary }: BoardModel) =>
  summary.calls === 0 ? null : summary.errors / summary.calls

/** Answers behind the composite, or behind the best known dimension. */
function scoredOf({ summary }: BoardModel): number {
  return summary.quality['composite']?.n ?? summary.scoredCalls
}

/** What people would say, where they labelled enough, else what the evaluators say. */
function quality(dimension: string, label: string, meaning: string): FleetColumn {
  const raw = (model: BoardModel) => model.summary.quality[dimension]
  const calibrated = (model: BoardModel) => model.summary.calibrated[dimension]
  const best = (model: BoardModel) => calibrated(model) ?? raw(model)
  return {
    id: dimension,
    group: 'Answers',
    label,
    meaning: `${meaning}, 1 = good, with half of its 95% interval. Where raw stands beside it, people's labels correct the evaluators' own mean, which is the raw one.`,
    value: (model) => best(model)?.value ?? null,
    text: (model) => score(best(model)?.value),
    more: (model) => {
      const interval = best(model)
      if (interval === undefined) return ''
      const half = halfWidth(interval.lower, interval.upper)
      return calibrated(model) === undefined ? half : `${half} (raw ${score(raw(model)?.value)})`
    },
    interval: raw,
    calibrated,
  }
}

export const fleetColumns: readonly FleetColumn[] = [
  {
    id: 'cost',
    group: 'Cost',
    label: '$/h',
    meaning: 'Cost per hour, mean over the window.',
    value: ({ summary }) => summary.usdPerHour,
    text: ({ summary }) => usd(summary.usdPerHour),
  },
  {
    id: 'idle',
    group: 'Cost',
    label: 'idle',
    meaning: 'Share of the cost spent on reserved GPUs that did no work.',
    value: idleShareOf,
    text: (model) => percent(idleShareOf(model)),
  },
  {
    id: 'duty',
    group: 'GPU',
    label: 'duty',
    meaning: 'Mean duty of its GPUs.',
    value: ({ summary }) => summary.gpuDuty,
    text: ({ summary }) => percent(summary.gpuDuty),
  },
  {
    id: 'memory',
    group: 'GPU',
    label: 'memory',
    meaning: 'Mean memory in use on its GPUs.',
    value: ({ summary }) => summary.gpuMemoryUsage,
    text: ({ summary }) => percent(summary.gpuMemoryUsage),
  },
  {
    id: 'ttft',
    group: 'Serving',
    label: 'TTFT p95',
    meaning: 'Time to first token, 95th percentile.',
    value: ({ summary }) => summary.ttftP95,
    text: ({ summary }) => seconds(summary.ttftP95),
  },
  {
    id: 'errors',
    group: 'Serving',
    label: 'errors',
    meaning: 'Share of calls that failed.',
    value: errorRateOf,
    text: (model) => percent(errorRateOf(model)),
  },
  {
    id: 'calls',
    group: 'Serving',
    label: 'calls',
    meaning: 'Calls in the window.',
    value: ({ summary }) => summary.calls,
    text: ({ summary }) => count(summary.calls),
  },
  quality('composite', 'quality', 'Composite quality of answers'),
  quality('safety', 'safety', 'Safety of answers'),
  quality('groundedness', 'grounded', 'Groundedness; hallucination is 1 − groundedness'),
  {
    id: 'n',
    group: 'Answers',
    label: 'n',
    meaning: 'Scored answers behind the composite.',
    value: scoredOf,
    text: (model) => count(scoredOf(model)),
  },
  {
    id: 'thousand-calls',
    group: 'Unit cost',
    label: '$/1k calls',
    meaning: 'Cost of a thousand calls.',
    value: ({ summary }) => summary.usdPerThousandCalls,
    text: ({ summary }) => usd(summary.usdPerThousandCalls),
  },
  {
    id: 'million-tokens',
    group: 'Unit cost',
    label: '$/1M tok',
    meaning: 'Cost of a million tokens, prompt and completion.',
    value: ({ summary }) => summary.usdPerMillionTokens,
    text: ({ summary }) => usd(summary.usdPerMillionTokens),
  },
  {
    id: 'good-answer',
    group: 'Unit cost',
    label: '$/good',
    meaning:
      'Cost of an answer that succeeded, met its latency objective and passed its quality gate.',
    value: ({ summary }) => summary.usdPerGoodAnswer?.value ?? null,
    text: ({ summary }) => usd(summary.usdPerGoodAnswer?.value),
    interval: ({ summary }) => summary.usdPerGoodAnswer ?? undefined,
  },
]

export interface Sorting {
  readonly column: string
  readonly direction: 'ascending' | 'descending'
}

/** The models in the order asked for; those without the number come last either way. */
export function sortModels(
  models: readonly BoardModel[],
  { column, direction }: Sorting,
): readonly BoardModel[] {
  const sign = direction === 'ascending' ? 1 : -1
  const chosen = fleetColumns.find(({ id }) => id === column)
  if (chosen === undefined) return models.toSorted((a, b) => sign * byName(a, b))
  return models.toSorted((a, b) => {
    const [left, right] = [chosen.value(a), chosen.value(b)]
    if (left === null || right === null) {
      return left === right ? byName(a, b) : left === null ? 1 : -1
    }
    return sign * (left - right) || byName(a, b)
  })
}

const byName = (a: BoardModel, b: BoardModel) => (a.model < b.model ? -1 : 1)

/** Interval and n in words for a cell's tooltip; `''` where the column has none. */
export function intervalWords(column: FleetColumn, model: BoardModel): string {
  const interval = column.interval?.(model)
  if (interval === undefined) return ''
  const { value, lower, upper, n } = interval
  const range = column.group === 'Answers' ? bounds(lower, upper) : `${usd(lower)}–${usd(upper)}`
  const few = n < fewAnswers ? ', fewer than 30' : ''
  const words = `95% interval ${range}, n ${count(n)}${few}`
  const calibrated = column.calibrated?.(model)
  if (calibrated === undefined) return words
  const people = `calibrated by ${count(calibrated.labels)} labels: 95% interval ${bounds(calibrated.lower, calibrated.upper)}`
  return `${people}; evaluators alone ${score(value)}, ${words}`
}

/** The interval of the number that the cell shows. */
export function shownInterval(
  column: FleetColumn,
  model: BoardModel,
): Pick<Interval, 'lower' | 'upper'> | undefined {
  return column.calibrated?.(model) ?? column.interval?.(model)
}

/** Whether the cell rests on few answers. */
export function isFew(column: FleetColumn, model: BoardModel): boolean {
  const interval = column.interval?.(model)
  if (column.calibrated?.(model) !== undefined) return false
  return interval !== undefined && interval.n < fewAnswers
}
