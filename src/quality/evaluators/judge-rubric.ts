import { z } from 'zod'
import { defineEvaluator } from '../evaluator.ts'
import { askJudge, blocksOf } from '../judge-evaluator.ts'
import { judgeVersion } from '../rubrics/rubric.ts'
import { readRubricFile } from '../rubrics/rubric-file.ts'

/** Read once, when the configuration is: a file that changes later is another version after the next reload. */
const rubric = z.string().transform((file, context) => {
  const read = readRubricFile(file)
  if ('rubric' in read) return read.rubric
  for (const message of read.faults) context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export const judgeRubric = defineEvaluator({
  kind: 'judge_rubric',
  summary: 'Asks the judge the question of a rubric of your own, written in YAML.',
  dimension: 'rubric',
  needsJudge: true,
  config: z.strictObject({
    file: rubric.describe('YAML file of the rubric, relative to the configuration file.'),
  }),
  identity: ({ file }) => ({ name: `judge_rubric:${file.name}`, dimension: file.dimension }),
  version: ({ file }, judge) => `${judgeVersion([file], judge)}.${file.version}`,
  async evaluate(subject, { file }, context) {
    const blocks = blocksOf(subject, file.needs)
    if (blocks === null) {
      return { outcome: 'skipped', reason: `the call has no attribute ${file.needs.join(' or ')}` }
    }
    return askJudge(file, blocks, context)
  },
})
