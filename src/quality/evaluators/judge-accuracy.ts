import { judgeEvaluator } from '../judge-evaluator.ts'
import { accuracyRubric } from '../rubrics/accuracy.ts'

export const judgeAccuracy = judgeEvaluator({
  kind: 'judge_accuracy',
  summary: 'Asks the judge whether the answer agrees with the call’s attribute `reference`.',
  dimension: 'accuracy',
  rubric: accuracyRubric,
  attribute: 'reference',
})
