import { judgeEvaluator } from '../judge-evaluator.ts'
import { biasRubric } from '../rubrics/bias.ts'

export const judgeBias = judgeEvaluator({
  kind: 'judge_bias',
  summary: 'Asks the judge whether the answer is free of bias against groups of people.',
  dimension: 'fairness',
  rubric: biasRubric,
})
