// Which evaluators score which model, with their settings filled in.
import type { QualityConfig } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import { encoderName } from './encoder.ts'
import type { PreparedEvaluator } from './evaluator.ts'
import { findEvaluator } from './registry.ts'

export interface Plan {
  /** Evaluators of a model, in the order of the configuration. */
  evaluatorsFor(model: string): readonly PreparedEvaluator[]
  /** Models that have an evaluator; `null` = all models do. */
  readonly models: readonly string[] | null
}

/** Prepares the configured evaluators. Throws a `UserError` on an unknown kind or a wrong setting. */
export function planEvaluators(quality: QualityConfig): Plan {
  const judge = quality.judge?.model ?? ''
  const encoder = encoderName(quality.encoder)
  const entries = quality.evaluators.map(({ kind, dimension, models, config }) => {
    const evaluator = findEvaluator(kind)
    if (evaluator === undefined) {
      throw new UserError(`There is no evaluator "${kind}". \`equipoise evaluators\` lists them.`)
    }
    if (evaluator.needsJudge && quality.judge === undefined) {
      throw new UserError(`Evaluator ${kind} asks a judge, and quality.judge is not configured.`)
    }
    const prepared = evaluator.prepare(config, judge, encoder)
    return { models, prepared: { ...prepared, dimension: dimension ?? prepared.dimension } }
  })
  const forModel = new Map<string, readonly PreparedEvaluator[]>()
  return {
    evaluatorsFor(model) {
      const known = forModel.get(model)
      if (known !== undefined) return known
      const mine = entries
        .filter(({ models }) => models.length === 0 || models.includes(model))
        .map(({ prepared }) => prepared)
      forModel.set(model, mine)
      return mine
    },
    models: entries.some(({ models }) => models.length === 0)
      ? null
      : [...new Set(entries.flatMap(({ models }) => models))],
  }
}
