import { expect, test } from 'vitest'
import { fixedJudge, testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import type { Judge } from '../judge.ts'
import { judgeGuidelines } from './judge-guidelines.ts'

const guidelines =
  '- Use a professional tone.\n2. Never promise a refund.\n\n* If asked for prices, name the tariff.'

testEvaluator(judgeGuidelines, {
  config: { guidelines },
  otherConfig: { guidelines: 'Use a friendly tone.' },
  good: { judgeLabel: 'followed' },
  bad: { judgeLabel: 'broken' },
})

/** Answers by the guideline that it finds in the question. */
function judgeOfLines(labels: Readonly<Record<string, string>>): Judge {
  return {
    ...fixedJudge({}),
    ask(question) {
      const asked = /^Question: .*$/m.exec(question.system)?.[0] ?? ''
      const line = Object.keys(labels).find((word) => asked.includes(word)) ?? ''
      const label = labels[line] ?? 'followed'
      const spent = { costUsd: 0.001, latencySeconds: line === 'tone' ? 0.5 : 0.1 }
      return Promise.resolve(
        label === 'failed'
          ? { outcome: 'failed', reason: 'hung', ...spent }
          : { outcome: 'answered', label, reason: `about ${line}`, ...spent },
      )
    },
  }
}

test('each line is a question of its own; the score is the share kept of those that apply', async () => {
  const judge = judgeOfLines({ tone: 'followed', refund: 'broken', prices: 'not_applicable' })
  expect(await verdictOf(judgeGuidelines, {}, { config: { guidelines }, judge })).toEqual({
    outcome: 'scored',
    value: 0.5,
    label: 'broken',
    reason: '2. Never promise a refund.: about refund',
    costUsd: 0.003,
    latencySeconds: 0.5,
  })
})

test('one line that failed leaves no score, and none that applies is skipped', async () => {
  const config = { guidelines }
  const failing = judgeOfLines({ refund: 'failed' })
  expect(await verdictOf(judgeGuidelines, {}, { config, judge: failing })).toMatchObject({
    outcome: 'failed',
    reason: 'hung',
  })
  const idle = fixedJudge({ label: 'not_applicable' })
  expect(await verdictOf(judgeGuidelines, {}, { config, judge: idle })).toMatchObject({
    outcome: 'skipped',
  })
})

test('no guideline, or more than twelve, is refused', () => {
  expect(() => verdictOf(judgeGuidelines, {}, { config: { guidelines: ' \n' } })).toThrow('1 to 12')
  const many = Array.from({ length: 13 }, (_, index) => `Rule ${index}`)
  expect(() => verdictOf(judgeGuidelines, {}, { config: { guidelines: many } })).toThrow('1 to 12')
})
