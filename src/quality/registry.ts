// Every evaluator, one line each. Adding one: its file, its test, its line here.
import { type OpenEvaluator, open } from './evaluator.ts'
import { contains } from './evaluators/contains.ts'
import { exactMatch } from './evaluators/exact-match.ts'
import { jsonSchema } from './evaluators/json-schema.ts'
import { judgeAccuracy } from './evaluators/judge-accuracy.ts'
import { judgeGroundedness } from './evaluators/judge-groundedness.ts'
import { judgeGuidelines } from './evaluators/judge-guidelines.ts'
import { judgeRelevance } from './evaluators/judge-relevance.ts'
import { judgeSafety } from './evaluators/judge-safety.ts'
import { judgeTone } from './evaluators/judge-tone.ts'
import { judgeCompleteness } from './evaluators/judge-completeness.ts'
import { judgeCoherence } from './evaluators/judge-coherence.ts'
import { judgeFluency } from './evaluators/judge-fluency.ts'
import { judgeObjective } from './evaluators/judge-objective.ts'
import { judgeHarmfulAdvice } from './evaluators/judge-harmful-advice.ts'
import { judgeBias } from './evaluators/judge-bias.ts'
import { judgeConversation } from './evaluators/judge-conversation.ts'
import { judgeRegulatory } from './evaluators/judge-regulatory.ts'
import { judgePairwise } from './evaluators/judge-pairwise.ts'
import { judgeRubric } from './evaluators/judge-rubric.ts'
import { language } from './evaluators/language.ts'
import { length } from './evaluators/length.ts'
import { piiSecrets } from './evaluators/pii-secrets.ts'
import { refusal } from './evaluators/refusal.ts'

export const evaluators: readonly OpenEvaluator[] = [
  open(exactMatch),
  open(contains),
  open(jsonSchema),
  open(length),
  open(refusal),
  open(language),
  open(piiSecrets),
  open(judgeSafety),
  open(judgeRelevance),
  open(judgeAccuracy),
  open(judgeGuidelines),
  open(judgeGroundedness),
  open(judgeRubric),
  open(judgePairwise),
  open(judgeRegulatory),
  open(judgeConversation),
  open(judgeBias),
  open(judgeHarmfulAdvice),
  open(judgeObjective),
  open(judgeFluency),
  open(judgeCoherence),
  open(judgeCompleteness),
  open(judgeTone),
]

/** The same by kind. */
export const evaluatorsByKind: ReadonlyMap<string, OpenEvaluator> = new Map(
  evaluators.map((evaluator) => [evaluator.kind, evaluator]),
)

/** The evaluator of a kind; `undefined` when there is none. */
export function findEvaluator(kind: string): OpenEvaluator | undefined {
  return evaluatorsByKind.get(kind)
}

/** The dimension that a kind feeds by itself; `undefined` for an unknown kind. */
export function dimensionOf(kind: string): string | undefined {
  return findEvaluator(kind)?.dimension
}
