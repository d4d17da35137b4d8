// What an evaluator is: one question about one answer. Each lives in its own file of evaluators/.
import { z } from 'zod'
import type { Call } from '../records/call.ts'
import { UserError } from '../records/failure.ts'
import { contentHash } from './content-hash.ts'
import { embeddedEncoderName, type Encoder } from './encoder.ts'
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
  /** Turns texts into vectors; left out where nothing that runs needs it. */
  readonly encoder?: Encoder
  /** Aborted when the program stops and the verdict is no longer wanted. */
  readonly signal: AbortSignal
}

/** What an evaluator cannot do without: a model that is asked, or an attribute that the call must carry. */
export type Need = 'judge' | 'encoder' | 'reference' | 'context' | 'answers'

/** A worked example for the reference page. A test holds that the evaluator gives just this verdict. */
export interface EvaluatorExample {
  /** Settings as the file would hold them. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly prompt: string
  readonly answer: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly label: string
  /** Score in [0,1]; two decimals are compared. */
  readonly value: number
}

export interface Evaluator<Config> {
  /** snake_case; the file is its kebab-case. */
  readonly kind: string
  /** One sentence for the reference page. */
  readonly summary: string
  /** Quality dimension that it feeds unless the configuration says another. */
  readonly dimension: string
  readonly needsJudge: boolean
  /** Besides the judge; nothing when left out. */
  readonly needs?: readonly Need[]
  /** What it measures, how, and where it is blind: a paragraph or two for the reference page. */
  readonly about?: string
  readonly example?: EvaluatorExample
  readonly config: z.ZodType<Config>
  /** Name and dimension where the settings decide them, so that two uses of one kind never pool. */
  identity?(config: Config): { readonly name: string; readonly dimension: string }
  /**
   * Pins everything that can change a verdict. `judge` is the judge's model, empty without one;
   * `encoder` is the name of the sentence encoder.
   */
  version(config: Config, judge: string, encoder: string): string
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
  readonly needs: readonly Need[]
  readonly about: string
  readonly example: EvaluatorExample | null
  readonly config: z.ZodType
  /** Throws a `UserError` that names the wrong setting. Without a name of the encoder it is the embedded one. */
  prepare(config: unknown, judge: string, encoder?: string): PreparedEvaluator
}

export function open<Config>(evaluator: Evaluator<Config>): OpenEvaluator {
  const { kind, summary, dimension, needsJudge } = evaluator
  return {
    kind,
    summary,
    dimension,
    needsJudge,
    needs: [...(needsJudge ? (['judge'] as const) : []), ...(evaluator.needs ?? [])],
    about: evaluator.about ?? '',
    example: evaluator.example ?? null,
    config: evaluator.config,
    prepare(input, judge, encoder = embeddedEncoderName) {
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
        version: evaluator.version(config, judge, encoder),
        evaluate: (subject, context) => evaluator.evaluate(subject, config, context),
      }
    },
  }
}
