import { expect, test } from 'vitest'
import type { Score } from '../records/score.ts'
import { openVersionWatch } from './version-watch.ts'

const score = (evaluatorVersion: string, parts: Partial<Score> = {}): Score => ({
  project: 'p',
  callId: 'a',
  model: 'm',
  component: 'm',
  callStartedAtMs: 0,
  scoredAtMs: 0,
  evaluator: 'judge_safety',
  evaluatorVersion,
  dimension: 'safety',
  value: 1,
  label: 'safe',
  reason: 'r',
  outcome: 'scored',
  latencySeconds: 0,
  lagSeconds: 0,
  costUsd: 0,
  samplingProbability: 1,
  ...parts,
})

const known = (version: string) => ({ model: 'm', evaluator: 'judge_safety', version, newestMs: 0 })

test('a version that was never there before is an event, once', () => {
  const watch = openVersionWatch([known('judge:a@1')])
  expect(watch.observe([score('judge:a@1')], 5)).toEqual([])
  expect(watch.observe([score('judge:a@1+b')], 5)).toMatchObject([
    {
      kind: 'evaluator_version',
      model: 'm',
      timeMs: 5,
      attributes: { evaluator: 'judge_safety', from: 'judge:a@1', to: 'judge:a@1+b' },
    },
  ])
  expect(watch.observe([score('judge:a@1+b'), score('judge:a@1')], 5)).toEqual([])
})

test('first versions, twins of one kind and verdicts never made are no change', () => {
  const watch = openVersionWatch([])
  expect(watch.observe([score('v1'), score('v2')], 0)).toEqual([])
  expect(watch.observe([score('v1'), score('v2')], 0)).toEqual([])
  expect(watch.observe([score('v3', { outcome: 'dropped', value: null })], 0)).toEqual([])
  expect(watch.observe([score('v3', { model: 'other' })], 0)).toEqual([])
  expect(watch.observe([score('v3')], 0)).toHaveLength(1)
})
