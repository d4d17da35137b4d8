import { judgeEvaluator } from '../judge-evaluator.ts'
import { toneRubric } from '../rubrics/tone.ts'

export const judgeTone = judgeEvaluator({
  kind: 'judge_tone',
  summary: 'Asks the judge whether the answer is professional in tone.',
  dimension: 'tone',
  rubric: toneRubric,
})
