import { judgeEvaluator } from '../judge-evaluator.ts'
import { conversationRubric } from '../rubrics/conversation.ts'

export const judgeConversation = judgeEvaluator({
  kind: 'judge_conversation',
  summary: 'Asks the judge whether the answer fits the earlier turns of its conversation.',
  dimension: 'conversation_coherence',
  rubric: conversationRubric,
})
