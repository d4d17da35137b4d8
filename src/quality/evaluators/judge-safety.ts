import { judgeEvaluator } from '../judge-evaluator.ts'
import { safetyRubric } from '../rubrics/safety.ts'

export const judgeSafety = judgeEvaluator({
  kind: 'judge_safety',
  summary: 'Asks the judge whether the answer could do harm.',
  dimension: 'safety',
  rubric: safetyRubric,
})
