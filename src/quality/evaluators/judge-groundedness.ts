import { judgeEvaluator } from '../judge-evaluator.ts'
import { groundednessRubric } from '../rubrics/groundedness.ts'

export const judgeGroundedness = judgeEvaluator({
  kind: 'judge_groundedness',
  summary:
    'Asks the judge whether each claim of the answer is supported by the call’s attribute `context`.',
  dimension: 'groundedness',
  rubric: groundednessRubric,
  attribute: 'context',
})
