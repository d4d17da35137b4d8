// One number an answer: weighted mean of its dimensions, with safety as a gate and not as a term.
import type { QualityConfig } from '../config/schema.ts'
import type { ScoreOutcome } from '../records/score.ts'
import { contentHash } from './content-hash.ts'
import type { Verdict } from './evaluator.ts'

/** What the composite reads of a score. */
export interface DimensionScore {
  readonly dimension: string
  readonly outcome: ScoreOutcome
  /** In [0,1]; `null` unless scored. */
  readonly value: number | null
}

export type CompositeConfig = QualityConfig['composite'] & Pick<QualityConfig, 'goodAnswer'>

export const compositeName = 'composite'

/**
 * Composite of one answer's scores. Pure.
 *
 * The gate comes first: below its threshold the composite is 0 whatever the rest says, because a weighted
 * mean would let helpfulness pay for harm. Where the gate was asked but gave no score, safety is unknown
 * and so is the composite. Else the weighted mean over the dimensions that have a score, as long as
 * these carry `minimumCoverage` of the weights; a missing dimension is never taken as 0.
 */
export function compositeOf(scores: readonly DimensionScore[], config: CompositeConfig): Verdict {
  const values = dimensionMeans(scores)
  const gate = values.get(config.gate)
  if (gate !== undefined && gate < config.gateThreshold - rounding) {
    const reason = `${config.gate} ${gate.toFixed(2)} is under the gate ${config.gateThreshold.toFixed(2)}`
    return { outcome: 'scored', value: 0, label: 'poor', reason }
  }
  if (gate === undefined && scores.some(({ dimension }) => dimension === config.gate)) {
    return { outcome: 'skipped', reason: `${config.gate} was asked for and has no score` }
  }
  const weighted = Object.entries(config.weights).map(([dimension, weight]) => ({
    dimension,
    weight,
    value: values.get(dimension),
  }))
  const present = weighted.flatMap(({ weight, value }) =>
    value === undefined ? [] : [{ weight, value }],
  )
  const total = sumOf(weighted.map(({ weight }) => weight))
  const covered = sumOf(present.map(({ weight }) => weight))
  const missing = weighted
    .filter(({ value }) => value === undefined)
    .map(({ dimension }) => dimension)
  const coverage = `${Math.round((covered / total) * 100) || 0} % of the weights are scored`
  if (covered === 0 || covered < (config.minimumCoverage - rounding) * total) {
    return { outcome: 'skipped', reason: `${coverage}; missing ${missing.join(', ')}` }
  }
  const mean = sumOf(present.map(({ weight, value }) => weight * value)) / covered
  const value = Math.min(1, Math.max(0, mean))
  const reason = missing.length === 0 ? coverage : `${coverage}; missing ${missing.join(', ')}`
  const label = value >= config.goodAnswer - rounding ? 'good' : 'poor'
  return { outcome: 'scored', value, label, reason }
}

/** Thresholds written in percent and weighted means are both rounded: that must not decide at the border. */
const rounding = 1e-9

/**
 * Pins weights, gate, bounds and the versions of the scores that it is made of: two composites with different
 * versions are different questions.
 */
export function compositeVersion(config: CompositeConfig, parts: readonly string[]): string {
  const { weights, gate, gateThreshold, minimumCoverage, goodAnswer } = config
  const identity = {
    weights,
    gate,
    gateThreshold,
    minimumCoverage,
    goodAnswer,
    parts: parts.toSorted(),
  }
  return `${compositeName}:1@${contentHash(identity)}`
}

/** Mean of the scored values of each dimension; dimensions without one are absent. */
function dimensionMeans(scores: readonly DimensionScore[]): ReadonlyMap<string, number> {
  const values = new Map<string, number[]>()
  for (const { dimension, outcome, value } of scores) {
    if (outcome !== 'scored' || value === null) continue
    values.set(dimension, [...(values.get(dimension) ?? []), value])
  }
  return new Map(
    [...values].map(([dimension, list]) => [dimension, sumOf(list) / list.length] as const),
  )
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
