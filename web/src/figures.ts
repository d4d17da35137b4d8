// The strip of key figures: what the window says, in eight numbers.
import type { Board, BoardModel, Column, Interval } from '../../src/api/contract.ts'
import {
  divideColumns,
  freshSteps,
  hasReading,
  latest,
  maxColumns,
  minColumns,
  sumColumns,
} from './columns.ts'
import { absent, bounds, count, percent, plural, score, seconds, usd } from './format.ts'
import { fewAnswers } from './pooling.ts'

export interface Figure {
  readonly id: string
  readonly label: string
  readonly value: string
  /** Said small beside the value. */
  readonly unit: string
  readonly note: string
  /** What exactly the number is. */
  readonly meaning: string
  readonly trend: Column
  readonly state: 'plain' | 'few' | 'low'
}

/** The key figures of the models; spend and GPUs are always the whole fleet's. */
export function figuresOf(board: Board, models: readonly BoardModel[]): readonly Figure[] {
  return [
    spend(board),
    idle(board),
    unitCost(models),
    gpus(board),
    firstToken(board, models),
    quality(board, models, 'composite'),
    quality(board, models, 'safety'),
    errors(board, models),
  ]
}

/** Latest cost of idle hardware in $/h: reserved without work plus reserved by nobody. */
export function idleColumn(board: Board): Column {
  const columns = board.models.map((model) => model.cost.idleUsdPerHour)
  return sumColumns([...columns, board.fleet.idleUsdPerHour], board.timesMs.length)
}

function spend(board: Board): Figure {
  const total = board.fleet.totalCostUsd
  return {
    id: 'spend',
    label: 'Spend',
    value: usd(latest(board.fleet.usdPerHour, freshSteps)),
    unit: 'per hour',
    note: total === null ? 'no price known' : `${usd(total)} in this window`,
    meaning: 'What all servers cost per hour, latest step.',
    trend: board.fleet.usdPerHour,
    state: 'plain',
  }
}

/** Share of the latest spend that is idle; `null` when either is unknown. */
export function idleShare(board: Board): number | null {
  const [part, whole] = [
    latest(idleColumn(board), freshSteps),
    latest(board.fleet.usdPerHour, freshSteps),
  ]
  return part === null || whole === null || whole === 0 ? null : part / whole
}

function idle(board: Board): Figure {
  const column = idleColumn(board)
  const share = idleShare(board)
  return {
    id: 'idle',
    label: 'Idle',
    value: usd(latest(column, freshSteps)),
    unit: 'per hour',
    note: share === null ? 'share unknown' : `${percent(share)} of spend`,
    meaning: 'Cost of GPUs that did no work in the latest step, reserved or not.',
    trend: column,
    state: 'plain',
  }
}

/** Cost of a thousand good answers over all models; `null` with the reason when a part is missing. */
export function fleetCostPerGoodAnswer(
  models: readonly BoardModel[],
): { readonly interval: Interval } | { readonly reason: string } {
  const parts = models.filter((model) => model.summary.calls > 0)
  let [cost, good, below, above, n] = [0, 0, 0, 0, 0]
  for (const { model, summary } of parts) {
    const per = summary.usdPerGoodAnswer
    if (per === null || per.value <= 0) {
      return {
        reason: summary.scoredCalls === 0 ? `${model} not scored` : `unknown for ${model}`,
      }
    }
    if (summary.costUsd === null) return { reason: `cost of ${model} unknown` }
    const answers = summary.costUsd / per.value
    cost += summary.costUsd
    good += answers
    n += per.n
    below += (answers - (per.upper > 0 ? summary.costUsd / per.upper : 0)) ** 2
    above += ((per.lower > 0 ? summary.costUsd / per.lower : answers) - answers) ** 2
  }
  if (good === 0) return { reason: 'no call in this window' }
  const fewest = good - Math.sqrt(below)
  const interval = {
    value: cost / good,
    lower: cost / (good + Math.sqrt(above)),
    upper: fewest > 0 ? cost / fewest : Infinity,
    n,
  }
  return { interval }
}

function unitCost(models: readonly BoardModel[]): Figure {
  const result = fleetCostPerGoodAnswer(models)
  const length = models[0]?.traffic.callsPerSecond.length ?? 0
  const cost = models.map((model) => model.cost.usdPerHour)
  const calls = models.map((model) => model.traffic.callsPerSecond)
  const trend = divideColumns(sumColumns(cost, length), sumColumns(calls, length))
  if ('interval' in result) {
    const { value, lower, upper, n } = result.interval
    const most = Number.isFinite(upper) ? usd(upper * 1000) : 'unbounded'
    return {
      id: 'unit-cost',
      label: '1,000 good answers',
      value: usd(value * 1000),
      unit: '',
      note: `${usd(lower * 1000)}–${most} · n ${count(n)}`,
      meaning:
        'Models’ cost for a thousand answers that succeeded, met their latency objective and passed their quality gate, with 95% interval. The curve is cost per call.',
      trend,
      state: n < fewAnswers ? 'few' : 'plain',
    }
  }
  const costs = models.map((model) => model.summary.costUsd)
  const total = costs.includes(null) ? null : costs.reduce<number>((sum, c) => sum + (c ?? 0), 0)
  const all = models.reduce((sum, model) => sum + model.summary.calls, 0)
  return {
    id: 'unit-cost',
    label: '1,000 calls',
    value: total === null || all === 0 ? absent : usd((total / all) * 1000),
    unit: '',
    note: `good answers: ${result.reason}`,
    meaning: `Models’ cost for a thousand calls. The cost of a good answer cannot be computed: ${result.reason}.`,
    trend,
    state: 'plain',
  }
}

function gpus(board: Board): Figure {
  const { gpusActive, gpusIdle, gpusUnreserved, gpusTotal } = board.fleet
  const known = latest(gpusTotal, freshSteps) !== null
  return {
    id: 'gpus',
    label: 'GPUs active',
    value: now(gpusActive),
    unit: known ? `of ${now(gpusTotal)}` : '',
    note: known ? `${now(gpusIdle)} idle · ${now(gpusUnreserved)} unreserved` : 'no GPU readings',
    meaning: 'Active did work in the latest step; idle is reserved without work.',
    trend: gpusActive,
    state: 'plain',
  }
}

const now = (column: Column) => count(latest(column, freshSteps))

function firstToken(board: Board, models: readonly BoardModel[]): Figure {
  const read = models.filter((model) => model.summary.ttftP95 !== null)
  const slowest = read.toSorted((a, b) => (b.summary.ttftP95 ?? 0) - (a.summary.ttftP95 ?? 0))[0]
  const columns = models.map((model) => model.latency.ttftP95)
  return {
    id: 'ttft',
    label: 'First token, p95',
    value: seconds(slowest?.summary.ttftP95),
    unit: '',
    note: slowest === undefined ? 'no call in this window' : of(read.length, 'slowest', slowest),
    meaning: 'Time to first token, 95th percentile over the window, of the slowest model.',
    trend: maxColumns(columns, board.timesMs.length),
    state: 'plain',
  }
}

const of = (n: number, which: string, model: BoardModel) =>
  n === 1 ? model.model : `${which}: ${model.model}`

/** The model with the lowest estimate of a dimension over the window. */
export function lowestQuality(
  models: readonly BoardModel[],
  dimension: string,
): { readonly model: BoardModel; readonly interval: Interval } | null {
  const read = models.flatMap((model) => {
    const interval = model.summary.quality[dimension]
    return interval === undefined || interval.n === 0 ? [] : [{ model, interval }]
  })
  return read.toSorted((a, b) => a.interval.value - b.interval.value)[0] ?? null
}

function quality(board: Board, models: readonly BoardModel[], dimension: string): Figure {
  const lowest = lowestQuality(models, dimension)
  const columns = models.flatMap((model) => model.quality[dimension]?.value ?? [])
  const name = dimension === 'composite' ? 'Quality' : 'Safety'
  const label = models.length > 1 ? `${name}, lowest` : name
  const base = { id: dimension, label, trend: [] as Column }
  const meaning = `${name} of answers (${dimension}, 1 = good), mean over the window with 95% interval, of the lowest model.`
  if (lowest === null || columns.length === 0) {
    return { ...base, value: absent, unit: '', note: 'no answer scored', meaning, state: 'plain' }
  }
  const { value, lower, upper, n } = lowest.interval
  const threshold = board.thresholds?.[dimension]
  const low = threshold !== undefined && upper < threshold
  const trends = models.flatMap((model) => model.quality[dimension] ?? []).map((q) => q.value)
  const few = n < fewAnswers ? 'few' : 'plain'
  return {
    ...base,
    value: score(value),
    unit: bounds(lower, upper),
    note: `${low ? `below ${score(threshold)} · ` : ''}n ${count(n)} · ${lowest.model.model}`,
    meaning,
    trend: minColumns(trends, board.timesMs.length),
    state: low ? 'low' : few,
  }
}

function errors(board: Board, models: readonly BoardModel[]): Figure {
  const total = (pick: (model: BoardModel) => number) =>
    models.reduce((sum, model) => sum + pick(model), 0)
  const calls = total((model) => model.summary.calls)
  const failed = total((model) => model.summary.errors)
  const rejected = total((model) => model.summary.rejected)
  const length = board.timesMs.length
  const failures = models.map((model) => model.traffic.errorsPerSecond)
  const trend = divideColumns(
    sumColumns(failures, length),
    sumColumns(
      models.map((model) => model.traffic.callsPerSecond),
      length,
    ),
  )
  return {
    id: 'errors',
    label: 'Errors',
    value: calls === 0 ? absent : percent(failed / calls),
    unit: calls === 0 || rejected === 0 ? '' : `${count(rejected)} rejected`,
    note: calls === 0 ? 'no call in this window' : `${count(failed)} of ${plural(calls, 'call')}`,
    meaning: 'Share of calls that failed; rejected calls found the queue full.',
    trend: hasReading(trend) ? trend : [],
    state: 'plain',
  }
}
