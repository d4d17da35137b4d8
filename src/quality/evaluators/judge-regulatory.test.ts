import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { judgeRegulatory } from './judge-regulatory.ts'

const config = { rules: 'Never promise a return. Name the risk of a loss.' }

testEvaluator(judgeRegulatory, {
  config,
  otherConfig: { rules: 'Never promise a return.' },
  good: { judgeLabel: 'compliant' },
  bad: { judgeLabel: 'non_compliant' },
})

test('the rules are part of the question, and a case that they do not cover is skipped', async () => {
  const judge = fixedJudge({ label: 'not_applicable' })
  const verdict = await verdictOf(judgeRegulatory, {}, { config, judge })
  expect(verdict).toMatchObject({ outcome: 'skipped' })
  expect(judge.asked[0]?.system).toContain('Name the risk of a loss.')
})

test('no rule is refused', () => {
  expect(() => verdictOf(judgeRegulatory, {}, { config: { rules: ' ' } })).toThrow('rules')
})
