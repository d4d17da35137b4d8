// Every evaluator, one line each. Adding one: its file, its test, its line here.
import { type OpenEvaluator, open } from './evaluator.ts'
import { answerRelevance } from './evaluators/answer-relevance.ts'
import { bias } from './evaluators/bias.ts'
import { citationCheck } from './evaluators/citation-check.ts'
import { codeParses } from './evaluators/code-parses.ts'
import { codeRuns } from './evaluators/code-runs.ts'
import { completeness } from './evaluators/completeness.ts'
import { consistency } from './evaluators/consistency.ts'
import { contains } from './evaluators/contains.ts'
import { customFile } from './evaluators/custom-file.ts'
import { exactMatch } from './evaluators/exact-match.ts'
import { groundednessSentences } from './evaluators/groundedness-sentences.ts'
import { httpEvaluator } from './evaluators/http-evaluator.ts'
import { jailbreak } from './evaluators/jailbreak.ts'
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
import { piiLeak } from './evaluators/pii-leak.ts'
import { piiSecrets } from './evaluators/pii-secrets.ts'
import { promptInjection } from './evaluators/prompt-injection.ts'
import { refusal } from './evaluators/refusal.ts'
import { semanticSimilarity } from './evaluators/semantic-similarity.ts'
import { tone } from './evaluators/tone.ts'
import { toxicity } from './evaluators/toxicity.ts'

export const evaluators: readonly OpenEvaluator[] = [
  open(exactMatch),
  open(contains),
  open(jsonSchema),
  open(length),
  open(refusal),
  open(language),
  open(piiSecrets),
  open(semanticSimilarity),
  open(answerRelevance),
  open(completeness),
  open(consistency),
  open(groundednessSentences),
  open(citationCheck),
  open(codeParses),
  open(codeRuns),
  open(tone),
  open(toxicity),
  open(bias),
  open(promptInjection),
  open(jailbreak),
  open(piiLeak),
  open(customFile),
  open(httpEvaluator),
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
