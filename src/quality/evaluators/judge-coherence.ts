import { judgeEvaluator } from '../judge-evaluator.ts'
import { coherenceRubric } from '../rubrics/coherence.ts'

export const judgeCoherence = judgeEvaluator({
  kind: 'judge_coherence',
  summary: 'Asks the judge whether the answer hangs together and does not contradict itself.',
  dimension: 'coherence',
  rubric: coherenceRubric,
})
