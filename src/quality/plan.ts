// Which evaluators score which model, with their settings filled in.
import type { QualityConfig } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import { encoderName } from './encoder.ts'
import type { PreparedEvaluator } from './evaluator.ts'
import { findEvaluator } from './registry.ts'

export interface Plan {
  /** Evaluators of a model, in the order of the configuration. */
  evaluatorsFor(model: string): readonly PreparedEvaluator[]
  /** Every evaluator once, in the order of the configuration. */
  readonly all: readonly PreparedEvaluator[]
  /** Models that have an evaluator; `null` = all models do. */
  readonly models: readonly string[] | null
}

/** Prepares the configured evaluators. Throws a `UserError` on an unknown kind or a wrong setting. */
export function planEvaluators(quality: QualityConfig): Plan {
  const judge = judgeModel(quality)
  const encoder = encoderName(quality.encoder)
  const unnamed = quality.evaluators.map(({ kind, dimension, models, config }) => {
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
  const entries = named(unnamed)
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
    all: entries.map(({ prepared }) => prepared),
    models: entries.some(({ models }) => models.length === 0)
      ? null
      : [...new Set(entries.flatMap(({ models }) => models))],
  }
}

/** What versions name as the judge: its model, or those of the panel; empty without one. */
export function judgeModel({ judge, judges }: Pick<QualityConfig, 'judge' | 'judges'>): string {
  return judge === undefined ? '' : [judge, ...judges].map(({ model }) => model).join('+')
}

interface Entry {
  readonly models: readonly string[]
  readonly prepared: PreparedEvaluator
}

/** Two uses of one kind are two evaluators, not two versions of one: the second is called `kind_2`. */
function named(entries: readonly Entry[]): readonly Entry[] {
  const uses = new Map<string, number>()
  return entries.map(({ models, prepared }) => {
    const use = (uses.get(prepared.kind) ?? 0) + 1
    uses.set(prepared.kind, use)
    const kind = use === 1 ? prepared.kind : `${prepared.kind}_${use}`
    return { models, prepared: { ...prepared, kind } }
  })
}
