// Verdicts that others reached, as scores in our sense: 0 to 1 with 1 = good.
import type { Score, ScoreOutcome } from '../../records/score.ts'
import { redactedWithin } from '../../redaction/redacted-within.ts'
import { flattened } from './chat-messages.ts'
import { numberOf, textOf } from './facts.ts'
import type { KnownCall } from './recent-calls.ts'
import type { Settings } from './settings.ts'
import { timeProblem } from './times.ts'
import type { AnyValue, Attributes } from './wire/any-value.ts'

export const evaluationEvent = 'gen_ai.evaluation.result'

/** A verdict as it was reported. */
export interface Evaluation {
  /** Epoch milliseconds. */
  readonly timeMs: number
  readonly attributes: Attributes
}

/** The evaluations that OpenInference flattens onto a span: of the span, of its whole trace, of its session. */
export function flattenedEvaluations(attributes: Attributes, timeMs: number): Evaluation[] {
  return ['', 'trace', 'session'].flatMap((scope) =>
    ['annotations', 'evaluations'].flatMap((list) =>
      [...flattened(attributes, scope === '' ? list : `${scope}.${list}`).values()].map(
        (fields) => ({ timeMs, attributes: new Map([[scopeName, scope], ...namedFields(fields)]) }),
      ),
    ),
  )
}

/** What the verdict is about besides one call; empty = the call. */
const scopeName = 'equipoise.evaluation.scope'

function namedFields(fields: Attributes): [string, AnyValue][] {
  return [...fields].flatMap(([key, value]) => {
    const name = openInferenceNames[key.replace(/^(annotation|evaluation)\./, '')]
    return name === undefined ? [] : [[name, value]]
  })
}

/** The name that every evaluation must have; empty when it is missing. */
export function evaluationName(evaluation: Evaluation): string {
  return textOf(evaluation.attributes, ['gen_ai.evaluation.name'])
}

/** The score of a call; values that cannot be read as 0 to 1 with 1 = good are kept as skipped, with the reason. */
export function scoreOf(
  evaluation: Evaluation,
  call: KnownCall,
  { project, patterns, nowMs }: Settings,
): Score {
  const { attributes } = evaluation
  const name = evaluationName(evaluation)
  const verdict = verdictOf(attributes, name)
  const explanation = textOf(attributes, ['gen_ai.evaluation.explanation'])
  const isTimed = timeProblem('', evaluation.timeMs, nowMs) === null
  const scoredAtMs = Math.floor(isTimed ? evaluation.timeMs : nowMs)
  const probability = numberOf(attributes, ['equipoise.evaluation.sampling_probability']) ?? 1
  return {
    project,
    callId: call.callId,
    model: call.model,
    component: call.component,
    callStartedAtMs: call.startedAtMs,
    scoredAtMs,
    evaluator: scoped('.', attributes, name).slice(0, 200),
    evaluatorVersion: versionOf(attributes),
    dimension: scoped('_', attributes, dimensionOf(name)),
    value: verdict.value,
    label: textOf(attributes, ['gen_ai.evaluation.score.label']).slice(0, 100),
    reason: redactedWithin(
      [verdict.remark, explanation].filter(Boolean).join('; '),
      4_096,
      patterns,
    ),
    outcome: verdict.outcome,
    latencySeconds: latencyOf(numberOf(attributes, ['equipoise.evaluation.latency'])),
    lagSeconds: Math.max(0, (scoredAtMs - call.endedAtMs) / 1_000),
    costUsd: Math.max(0, numberOf(attributes, ['equipoise.evaluation.cost']) ?? 0),
    // Whoever scored it drew the call by means of their own: of ours nothing follows.
    samplingProbability: probability > 0 && probability <= 1 ? probability : 1,
  }
}

/** Nobody measures an evaluation of no time: 0 is how some say that they did not. */
function latencyOf(seconds: number | null): number | null {
  return seconds !== null && seconds > 0 ? seconds : null
}

const openInferenceNames: Readonly<Record<string, string>> = {
  name: 'gen_ai.evaluation.name',
  score: 'gen_ai.evaluation.score.value',
  label: 'gen_ai.evaluation.score.label',
  explanation: 'gen_ai.evaluation.explanation',
  identifier: 'equipoise.evaluator.version',
  annotator_kind: 'equipoise.evaluator.kind',
}

const versionNames = ['equipoise.evaluator.version', 'gen_ai.evaluation.evaluator.version']

/** Without a version, whether a person, a model or code judged tells two verdicts of one name apart. */
function versionOf(attributes: Attributes): string {
  const version = textOf(attributes, versionNames).slice(0, 200)
  return version || textOf(attributes, ['equipoise.evaluator.kind']).toLowerCase() || 'otlp'
}

/** A verdict on a whole trace or session has a name of its own: it says nothing of the one call that carries it. */
function scoped(separator: string, attributes: Attributes, name: string): string {
  const scope = textOf(attributes, [scopeName])
  return scope === '' ? name : `${scope}${separator}${name}`
}

interface Verdict {
  readonly value: number | null
  readonly outcome: ScoreOutcome
  readonly remark: string
}

const skipped = (remark: string): Verdict => ({ value: null, outcome: 'skipped', remark })

/** The standard has neither range nor direction: a known label decides first, then a value from 0 to 1. */
function verdictOf(attributes: Attributes, name: string): Verdict {
  const error = textOf(attributes, ['error.type'])
  if (error !== '') return { value: null, outcome: 'failed', remark: error }
  const label = textOf(attributes, ['gen_ai.evaluation.score.label']).toLowerCase()
  const value = numberOf(attributes, ['gen_ai.evaluation.score.value'])
  const direction = textOf(attributes, ['equipoise.evaluation.direction'])
  const side = direction === '' ? sideOf(label, name) : null
  return side === null ? verdictOfValue(value, name, direction) : scored(finerOf(value, side))
}

/** "toxicity: yes" is bad and "relevance: yes" is good, so of harm only labels that name it say something. */
function sideOf(label: string, name: string): 0 | 1 | null {
  if (harmNames.test(name) && bareLabels.has(label)) return null
  if (goodLabels.has(label)) return 1
  return badLabels.has(label) ? 0 : null
}

function verdictOfValue(value: number | null, name: string, direction: string): Verdict {
  if (value === null) return skipped('neither a value nor a label that says good or bad')
  if (value < 0 || value > 1) return skipped(`the value ${value} is not within 0 and 1`)
  if (direction === 'lower_is_better') return scored(1 - value)
  if (direction !== '' || !harmNames.test(name)) return scored(value)
  return skipped(
    `whether a high ${name.slice(0, 60)} is good is not said: set equipoise.evaluation.direction`,
  )
}

const scored = (value: number): Verdict => ({ value, outcome: 'scored', remark: '' })

/** A value on the label's side of the middle says the same more finely; on the other it counts the bad. */
function finerOf(value: number | null, side: 0 | 1): number {
  const isFiner = value !== null && value >= 0 && value <= 1 && Math.abs(value - side) <= 0.5
  return isFiner ? value : side
}

const goodLabels = new Set(
  'pass passed true yes good correct relevant safe grounded factual faithful helpful non-toxic not_toxic'.split(
    ' ',
  ),
)
const badLabels = new Set(
  'fail failed false no bad incorrect wrong irrelevant unrelated unsafe ungrounded hallucinated unfaithful toxic'.split(
    ' ',
  ),
)
const bareLabels = new Set(['true', 'false', 'yes', 'no'])
const harmNames = /toxic|hallucinat|bias|harm|hate|violence|leak|jailbreak|injection|refus|profan/i

/** Names in use for the dimensions that the composite knows; any other name is a dimension of its own. */
function dimensionOf(name: string): string {
  const known = dimensionsByName.find(([pattern]) => pattern.test(name))?.[1]
  return (
    known ??
    (name
      .toLowerCase()
      .replaceAll(/[^a-z\d]+/g, '_')
      .slice(0, 64) ||
      'unnamed')
  )
}

const dimensionsByName: readonly (readonly [RegExp, string])[] = [
  [/toxic|harm|hate|violence|safety|jailbreak|injection|leak/i, 'safety'],
  [/grounded|faithful|hallucinat/i, 'groundedness'],
  [/relevan/i, 'relevance'],
  [/guideline/i, 'guideline_adherence'],
  [/correct|accura/i, 'accuracy'],
]
