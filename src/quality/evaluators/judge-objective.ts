import { judgeEvaluator } from '../judge-evaluator.ts'
import { objectiveRubric } from '../rubrics/objective.ts'

export const judgeObjective = judgeEvaluator({
  kind: 'judge_objective',
  summary: 'Asks the judge whether the answer follows the instructions that it was given.',
  dimension: 'follows_objective',
  rubric: objectiveRubric,
})
