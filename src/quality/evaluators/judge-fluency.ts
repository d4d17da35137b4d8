import { judgeEvaluator } from '../judge-evaluator.ts'
import { fluencyRubric } from '../rubrics/fluency.ts'

export const judgeFluency = judgeEvaluator({
  kind: 'judge_fluency',
  summary: 'Asks the judge whether the answer is well-formed, natural language.',
  dimension: 'fluency',
  rubric: fluencyRubric,
})
