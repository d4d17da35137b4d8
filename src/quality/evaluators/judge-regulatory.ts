import { z } from 'zod'
import { defineEvaluator } from '../evaluator.ts'
import { askJudge, blocksOf } from '../judge-evaluator.ts'
import { regulatoryRubric } from '../rubrics/regulatory.ts'
import { judgeVersion } from '../rubrics/rubric.ts'

export const judgeRegulatory = defineEvaluator({
  kind: 'judge_regulatory',
  summary: 'Asks the judge whether the answer complies with the configured regulatory rules.',
  dimension: 'regulatory',
  needsJudge: true,
  config: z.strictObject({
    rules: z
      .string()
      .trim()
      .min(1)
      .max(8_000)
      .describe('The rules in plain words, judged together in one request.'),
  }),
  version: ({ rules }, judge) => judgeVersion([regulatoryRubric(rules)], judge),
  async evaluate(subject, { rules }, context) {
    return askJudge(regulatoryRubric(rules), blocksOf(subject) ?? [], context)
  },
})
