// One sampled call through all its evaluators.
import { messageOf } from '../records/failure.ts'
import type { Score } from '../records/score.ts'
import type { SampledCall } from '../store/queries/unscored-calls.ts'
import {
  type CompositeConfig,
  compositeName,
  compositeOf,
  compositeVersion,
  type DimensionScore,
} from './composite.ts'
import type { EvaluationContext, PreparedEvaluator, Subject, Verdict } from './evaluator.ts'

export interface Scoring {
  readonly evaluators: readonly PreparedEvaluator[]
  readonly composite: CompositeConfig
  readonly context: EvaluationContext
  /** Clock in epoch milliseconds. */
  readonly now: () => number
}

/** All scores of a call, the composite last. Rejects only when the context's signal aborts. */
export async function scoreCall(call: SampledCall, scoring: Scoring): Promise<readonly Score[]> {
  const { evaluators, composite, now } = scoring
  const scores = await Promise.all(
    evaluators.map((evaluator) => evaluatorScore(call, evaluator, scoring)),
  )
  const versioned = scores.map((score) => ({ ...score, version: score.evaluatorVersion }))
  return [...scores, compositeScore(call, { evaluators, scores: versioned, composite, now })]
}

/** One evaluator's score of a call. Rejects only when the context's signal aborts. */
export async function evaluatorScore(
  call: SampledCall,
  evaluator: PreparedEvaluator,
  { context, now }: Pick<Scoring, 'context' | 'now'>,
): Promise<Score> {
  const measured = await measuredVerdict(evaluator, call, context)
  return scoreOf(call, evaluator, { ...measured, atMs: now() })
}

interface CompositeParts {
  readonly evaluators: readonly PreparedEvaluator[]
  readonly scores: readonly (DimensionScore & {
    readonly evaluator: string
    readonly version: string
  })[]
  readonly composite: CompositeConfig
  /** Clock in epoch milliseconds. */
  readonly now: () => number
}

/** The composite of a call's scores. */
export function compositeScore(
  call: SampledCall,
  { evaluators, scores, composite, now }: CompositeParts,
): Score {
  const startedMs = performance.now()
  const verdict = compositeOf(scores, composite)
  const seconds = (performance.now() - startedMs) / 1_000
  // The pinned versions, whichever of them gave a score, and the models that judged under another name.
  const served = scores.flatMap(({ version }) => version.split(servedMark).slice(1))
  const parts = [...evaluators.map(({ version }) => version), ...new Set(served)]
  const identity = {
    kind: compositeName,
    version: compositeVersion(composite, parts),
    dimension: compositeName,
  }
  return scoreOf(call, identity, { verdict, seconds, atMs: now() })
}

export interface Measured {
  readonly verdict: Verdict
  /** `null` when nothing ran, as of a judge that was not asked. */
  readonly seconds: number | null
}

/** A verdict with the time it took. What throws is `failed`: a broken evaluator says nothing of the answer. */
export async function measuredVerdict(
  evaluator: PreparedEvaluator,
  call: Subject,
  context: EvaluationContext,
): Promise<Measured> {
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1_000
  try {
    const verdict = checked(await evaluator.evaluate(call, context))
    const { latencySeconds = seconds() } = verdict
    return { verdict, seconds: latencySeconds === 0 ? null : latencySeconds }
  } catch (error) {
    context.signal.throwIfAborted()
    return { verdict: { outcome: 'failed', reason: messageOf(error) }, seconds: seconds() }
  }
}

function checked(verdict: Verdict): Verdict {
  if (verdict.outcome !== 'scored' || (verdict.value >= 0 && verdict.value <= 1)) return verdict
  return { ...verdict, outcome: 'failed', reason: `value ${verdict.value} is not in [0,1]` }
}

function scoreOf(
  call: SampledCall,
  evaluator: { readonly kind: string; readonly version: string; readonly dimension: string },
  { verdict, seconds, atMs }: Measured & { readonly atMs: number },
): Score {
  const endedAtMs = call.startedAtMs + call.totalSeconds * 1_000
  return {
    project: call.project,
    callId: call.callId,
    model: call.model,
    component: call.component,
    callStartedAtMs: call.startedAtMs,
    scoredAtMs: atMs,
    evaluator: evaluator.kind,
    evaluatorVersion: servedVersion(evaluator.version, verdict.servedBy),
    dimension: evaluator.dimension,
    value: verdict.outcome === 'scored' ? verdict.value : null,
    label: verdict.outcome === 'scored' ? verdict.label : '',
    reason: verdict.reason,
    outcome: verdict.outcome,
    latencySeconds: seconds,
    lagSeconds: Math.max(0, (atMs - endedAtMs) / 1_000),
    costUsd: verdict.costUsd ?? 0,
    samplingProbability: call.samplingProbability,
  }
}

const servedMark = '+served:'

/** The version as it was pinned, without what a server said of itself. */
export function pinnedVersion(version: string): string {
  return version.split(servedMark)[0] ?? version
}

/** A pinned name that is served by another model is another judge: its verdicts never pool with the pinned one's. */
export function servedVersion(version: string, servedBy: string | undefined): string {
  return servedBy === undefined ? version : `${version}${servedMark}${servedBy}`
}
