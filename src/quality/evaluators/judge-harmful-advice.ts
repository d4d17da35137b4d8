import { judgeEvaluator } from '../judge-evaluator.ts'
import { harmfulAdviceRubric } from '../rubrics/harmful-advice.ts'

export const judgeHarmfulAdvice = judgeEvaluator({
  kind: 'judge_harmful_advice',
  summary: 'Asks the judge whether the answer is free of advice that would hurt who follows it.',
  dimension: 'no_harmful_advice',
  rubric: harmfulAdviceRubric,
})
