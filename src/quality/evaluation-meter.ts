// The evaluators' own work in numbers: counters on /metrics, and the same as readings of the quality namespace.
import { Counter, Gauge } from 'prom-client'
import type { Sample } from '../records/sample.ts'
import type { Score } from '../records/score.ts'
import type { AnswerCoverage } from '../store/queries/answer-coverage.ts'
import { registry } from '../telemetry/metrics.ts'
import { qualityNamespace } from '../vocabulary/namespace.ts'
import { compositeName } from './composite.ts'
import type { JudgeStats } from './judge.ts'
import { verdictCause } from './verdict-cause.ts'

const verdicts = new Counter({
  name: 'equipoise_evaluation_verdicts_total',
  help: 'Verdicts of evaluators by outcome; only the outcome scored has a value.',
  labelNames: ['model', 'evaluator', 'outcome'],
  registers: [registry],
})

const unscored = new Counter({
  name: 'equipoise_evaluation_unscored_total',
  help: 'Verdicts without a value by outcome and cause.',
  labelNames: ['model', 'evaluator', 'outcome', 'cause'],
  registers: [registry],
})

const cost = new Counter({
  name: 'equipoise_evaluation_cost_usd_total',
  help: 'US dollars spent on verdicts.',
  labelNames: ['model', 'evaluator'],
  registers: [registry],
})

const lag = new Gauge({
  name: 'equipoise_evaluation_lag_seconds',
  help: 'From the end of the answer scored last to its verdicts.',
  labelNames: ['model'],
  registers: [registry],
})

const queue = new Gauge({
  name: 'equipoise_evaluation_queued_answers',
  help: 'Drawn answers of the last hour that wait for their verdicts.',
  labelNames: ['model'],
  registers: [registry],
})

const coverage = new Gauge({
  name: 'equipoise_evaluation_coverage_ratio',
  help: 'Share of the answers drawn in the last hour that have a composite score.',
  labelNames: ['model'],
  registers: [registry],
})

const judgeSpent = new Gauge({
  name: 'equipoise_judge_spent_today_usd',
  help: 'US dollars that the judge has cost since midnight UTC.',
  registers: [registry],
})

const judgeBudget = new Gauge({
  name: 'equipoise_judge_budget_usd',
  help: 'US dollars that the judge may cost a day.',
  registers: [registry],
})

const judgeUnderWay = new Gauge({
  name: 'equipoise_judge_requests',
  help: 'Questions to the judge that are being answered or wait for a slot.',
  labelNames: ['state'],
  registers: [registry],
})

export interface EvaluationMeter {
  /** Counts the scores of answers; composites are arithmetic and not counted. */
  observe(scores: readonly Score[]): void
  /** Readings at a moment (epoch ms); counters run since the meter was opened. */
  samples(coverages: readonly AnswerCoverage[], atMs: number): readonly Sample[]
  /** Shows queue, coverage and judge on /metrics. */
  show(coverages: readonly AnswerCoverage[], judge: JudgeStats | null): void
}

/** Names of models come from outside: past this many, /metrics shows the rest as one. */
const mostModels = 50
const others = 'other'

export function openEvaluationMeter(project: string): EvaluationMeter {
  const totals = new Map<string, Total>()
  const lags = new Map<string, number>()
  const shown = new Set<string>()
  const shownModel = (model: string) => {
    if (shown.size < mostModels) shown.add(model)
    return shown.has(model) ? model : others
  }
  return {
    observe(scores) {
      for (const score of scores) {
        if (score.evaluator === compositeName) continue
        lags.set(score.model, score.lagSeconds)
        lag.set({ model: shownModel(score.model) }, score.lagSeconds)
        countOnPage(score, shownModel(score.model))
        for (const { metric, by, dimensions, unit } of growthOf(score)) {
          const key = JSON.stringify([score.model, metric, dimensions])
          const before = totals.get(key)?.value ?? 0
          totals.set(key, { model: score.model, metric, dimensions, unit, value: before + by })
        }
      }
    },
    samples(coverages, atMs) {
      const gauges = [...lags].map(([model, value]) => gaugeOf(model, 'eval.lag', 's', value))
      const all = [
        ...[...totals.values()].map((total) => ({ ...total, kind: 'counter' as const })),
        ...gauges,
        ...coverages.flatMap(coverageReadings),
      ]
      return all.map(({ model, metric, dimensions, unit, kind, value }) => ({
        series: { project, namespace: qualityNamespace(model), metric, dimensions, unit, kind },
        timeMs: atMs,
        value,
        state: 'present',
      }))
    },
    show(coverages, judge) {
      showCoverage(coverages.slice(0, mostModels))
      if (judge !== null) showJudge(judge)
    },
  }
}

interface Total {
  readonly model: string
  readonly metric: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly unit: string
  readonly value: number
}

function countOnPage(score: Score, model: string): void {
  const { evaluator, outcome, reason, costUsd } = score
  verdicts.inc({ model, evaluator, outcome })
  if (costUsd > 0) cost.inc({ model, evaluator }, costUsd)
  if (outcome === 'scored') return
  unscored.inc({ model, evaluator, outcome, cause: verdictCause(outcome, reason) })
}

/** What a score adds to which counters. */
function growthOf(score: Score) {
  const { evaluator, outcome, reason, costUsd } = score
  const one = (metric: string, dimensions: Readonly<Record<string, string>>) => ({
    metric,
    dimensions: { evaluator, ...dimensions },
    unit: '1',
    by: 1,
  })
  const verdict = one('eval.verdicts', { outcome })
  const money = { metric: 'eval.cost', dimensions: { evaluator }, unit: 'USD', by: costUsd }
  if (outcome === 'scored') return [verdict, money]
  const metric = outcome === 'failed' ? 'eval.failures' : 'eval.skipped'
  return [verdict, money, one(metric, { reason: verdictCause(outcome, reason) })]
}

function gaugeOf(model: string, metric: string, unit: string, value: number) {
  return { model, metric, dimensions: {}, unit, kind: 'gauge' as const, value }
}

function coverageReadings({ model, drawn, waiting, scored }: AnswerCoverage) {
  return [
    gaugeOf(model, 'eval.queue', '1', waiting),
    gaugeOf(model, 'eval.drawn', '1', drawn),
    // Of no answer there is no share.
    ...(drawn === 0 ? [] : [gaugeOf(model, 'eval.coverage', 'ratio', scored / drawn)]),
  ]
}

function showCoverage(coverages: readonly AnswerCoverage[]): void {
  // Models that left must not linger.
  queue.reset()
  coverage.reset()
  for (const { model, drawn, waiting, scored } of coverages) {
    queue.set({ model }, waiting)
    if (drawn > 0) coverage.set({ model }, scored / drawn)
  }
}

function showJudge({ spentTodayUsd, budgetUsd, underWay, waiting }: JudgeStats): void {
  judgeSpent.set(spentTodayUsd)
  judgeBudget.set(budgetUsd)
  judgeUnderWay.set({ state: 'under_way' }, underWay)
  judgeUnderWay.set({ state: 'waiting' }, waiting)
}
