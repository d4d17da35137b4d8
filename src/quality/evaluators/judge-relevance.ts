import { judgeEvaluator } from '../judge-evaluator.ts'
import { relevanceRubric } from '../rubrics/relevance.ts'

export const judgeRelevance = judgeEvaluator({
  kind: 'judge_relevance',
  summary: 'Asks the judge whether the answer addresses the prompt.',
  dimension: 'relevance',
  rubric: relevanceRubric,
})
