// What an evaluator is: one question about one answer. Each lives in its own file of evaluators/.
import { z } from 'zod'
import type { Call } from '../records/call.ts'
import { UserError } from '../records/failure.ts'
import { contentHash } from './content-hash.ts'
import type { Judge } from './judge.ts'

/** The part of a call that evaluators see. Texts are redacted; attributes hold e.g. `reference`, `context`. */
export type Subject = Pick<
  Call,
  'callId' | 'model' | 'prompt' | 'answer' | 'attributes' | 'completionTokens'
>

/** What a verdict took; without it the caller measures around `evaluate`. */
interface Effort {
  readonly costUsd?: number
  readonly latencySeconds?: number
  /** The model that judged, where the judge's server names another than the pinned one. */
  readonly servedBy?: string
}

/**
 * 1 = good for every evaluator. An answer that cannot be judged is `skipped`, an evaluator that broke
 * is `failed`, one that may not be asked (budget) is `dropped`: none of these has a value, least of all 0.
 */
export type Verdict = Effort &
  (
    | {
        readonly outcome: 'scored'
        readonly value: number
        readonly label: string
        readonly reason: string
      }
    | { readonly outcome: 'skipped' | 'failed' | 'dropped'; readonly reason: string }
  )

export interface EvaluationContext {
  /** `null` where no judge is configured. */
  readonly judge: Judge | null
  /** Aborted when the program stops and the verdict is no longer wanted. */
  readonly signal: AbortSignal
}

export interface Evaluator<Config> {
  /** snake_case; the file is its kebab-case. */
  readonly kind: string
  /** One sentence for the reference page. */
  readonly summary: string
  /** Quality dimension that it feeds unless the configuration says another. */
  readonly dimension: string
  readonly needsJudge: boolean
  readonly config: z.ZodType<Config>
  /** Name and dimension where the settings decide them, so that two uses of one kind never pool. */
  identity?(config: Config): { readonly name: string; readonly dimension: string }
  /** Pins everything that can change a verdict. `judge` is the judge's model, empty without one. */
  version(config: Config, judge: string): string
  /** Called once for each sampled answer; a throw is recorded as `failed`. */
  evaluate(subject: Subject, config: Config, context: EvaluationContext): Promise<Verdict>
}

/** Types an evaluator's configuration from its schema. */
export function defineEvaluator<Config>(evaluator: Evaluator<Config>): Evaluator<Config> {
  return evaluator
}

/** Version of an evaluator that is code alone: raise `revision` when its verdicts change. */
export function codeVersion(kind: string, revision: number, config: unknown): string {
  return `${kind}:${revision}@${contentHash(config)}`
}

/** An evaluator with its configuration filled in. */
export interface PreparedEvaluator {
  readonly kind: string
  readonly dimension: string
  readonly needsJudge: boolean
  readonly version: string
  evaluate(subject: Subject, context: EvaluationContext): Promise<Verdict>
}

/** An evaluator whose configuration type is forgotten, so that all kinds fit one list. */
export interface OpenEvaluator {
  readonly kind: string
  readonly summary: string
  readonly dimension: string
  readonly needsJudge: boolean
  readonly config: z.ZodType
  /** Throws a `UserError` that names the wrong setting. */
  prepare(config: unknown, judge: string): PreparedEvaluator
}

export function open<Config>(evaluator: Evaluator<Config>): OpenEvaluator {
  const { kind, summary, dimension, needsJudge } = evaluator
  return {
    kind,
    summary,
    dimension,
    needsJudge,
    config: evaluator.config,
    prepare(input, judge) {
      const parsed = evaluator.config.safeParse(input)
      if (!parsed.success) {
        throw new UserError(`Evaluator ${kind}: ${z.prettifyError(parsed.error)}`)
      }
      const config = parsed.data
      const { name, dimension: fed } = evaluator.identity?.(config) ?? { name: kind, dimension }
      return {
        kind: name,
        dimension: fed,
        needsJudge,
        version: evaluator.version(config, judge),
        evaluate: (subject, context) => evaluator.evaluate(subject, config, context),
      }
    },
  }
}
