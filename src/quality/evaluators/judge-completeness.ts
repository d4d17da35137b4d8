import { judgeEvaluator } from '../judge-evaluator.ts'
import { completenessRubric } from '../rubrics/completeness.ts'

export const judgeCompleteness = judgeEvaluator({
  kind: 'judge_completeness',
  summary: 'Asks the judge whether the answer covers everything that was asked for.',
  dimension: 'completeness',
  rubric: completenessRubric,
})
