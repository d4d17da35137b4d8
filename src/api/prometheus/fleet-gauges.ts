// What the fleet costs and what its answers are worth, as gauges. A number that is not known has no series.
import { Gauge, Registry } from 'prom-client'
import type { Board, BoardModel, Column } from '../contract.ts'

type Labels = Readonly<Record<string, string>>

interface Series {
  readonly labels: Labels
  readonly value: number
}

interface GaugeFamily {
  readonly name: string
  readonly help: string
  readonly series: readonly Series[]
}

/** Models and dimensions name series, and names come from outside: their number is bounded. */
const mostModels = 50
const mostDimensions = 20

/** Prometheus text of a board's newest numbers; quality and latency are those of its whole window. */
export async function fleetGauges(board: Board): Promise<string> {
  const models = board.models.slice(0, mostModels)
  const families = [...fleetFamilies(board), ...modelFamilies(models), ...qualityFamilies(models)]
  // A registry of its own each time: series of models that left must not linger.
  const registry = new Registry()
  for (const { name, help, series } of families.filter((family) => family.series.length > 0)) {
    const labelNames = Object.keys(series[0]?.labels ?? {})
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] })
    for (const { labels, value } of series) gauge.set(labels, value)
  }
  return await registry.metrics()
}

function fleetFamilies(board: Board): readonly GaugeFamily[] {
  const { fleet } = board
  return [
    fleetGauge('fleet_cost_usd_per_hour', 'US dollars per hour of all servers.', fleet.usdPerHour),
    fleetGauge(
      'idle_cost_usd_per_hour',
      'US dollars per hour of GPUs that nobody reserved.',
      fleet.idleUsdPerHour,
    ),
    fleetGauge('gpu_active', 'Reserved GPUs that did work.', fleet.gpusActive),
    fleetGauge('gpu_idle', 'Reserved GPUs that did no work.', fleet.gpusIdle),
    fleetGauge('gpu_unreserved', 'GPUs that nobody reserved.', fleet.gpusUnreserved),
  ]
}

function modelFamilies(models: readonly BoardModel[]): readonly GaugeFamily[] {
  const gauge = (
    name: string,
    help: string,
    valueOf: (model: BoardModel) => number | null,
  ): GaugeFamily => ({
    name: `equipoise_model_${name}`,
    help,
    series: models.flatMap((model) => seriesOf({ model: model.model }, valueOf(model))),
  })
  return [
    gauge('cost_usd_per_hour', 'US dollars per hour of a model.', (model) =>
      newest(model.cost.usdPerHour),
    ),
    gauge(
      'idle_cost_usd_per_hour',
      'Part of it spent on reserved GPUs that did no work.',
      (model) => newest(model.cost.idleUsdPerHour),
    ),
    gauge(
      'time_to_first_token_p50_seconds',
      'Median time to first token.',
      (model) => model.summary.ttftP50,
    ),
    gauge(
      'time_to_first_token_p95_seconds',
      'Time to first token that 95 % of calls stay below.',
      (model) => model.summary.ttftP95,
    ),
    gauge('total_time_p95_seconds', 'Newest total time that 95 % of calls stay below.', (model) =>
      newest(model.latency.totalP95),
    ),
    gauge(
      'evaluation_latency_p95_seconds',
      'Time that an evaluator takes for a verdict; 95 % stay below.',
      (model) => model.summary.evaluationLatencyP95,
    ),
  ]
}

function qualityFamilies(models: readonly BoardModel[]): readonly GaugeFamily[] {
  const estimates = models.flatMap((model) =>
    Object.entries(model.summary.quality)
      .slice(0, mostDimensions)
      .map(([dimension, interval]) => ({ labels: { model: model.model, dimension }, interval })),
  )
  const gauge = (suffix: string, help: string, key: 'value' | 'lower' | 'upper' | 'n') => ({
    name: `equipoise_model_quality${suffix}`,
    help,
    series: estimates.flatMap(({ labels, interval }) => seriesOf(labels, interval[key])),
  })
  return [
    gauge('', 'Mean quality of answers, 0 to 1 with 1 = good.', 'value'),
    gauge('_lower', 'Lower end of the 95 % interval of the mean quality.', 'lower'),
    gauge('_upper', 'Upper end of the 95 % interval of the mean quality.', 'upper'),
    gauge('_answers', 'Scored answers behind the mean quality.', 'n'),
  ]
}

function fleetGauge(name: string, help: string, column: Column): GaugeFamily {
  return { name: `equipoise_${name}`, help, series: seriesOf({}, newest(column)) }
}

function seriesOf(labels: Labels, value: number | null): readonly Series[] {
  return value === null ? [] : [{ labels, value }]
}

function newest(column: Column): number | null {
  return column.findLast((value) => value !== null) ?? null
}
