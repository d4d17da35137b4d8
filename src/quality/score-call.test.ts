import { expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import type { SampledCall } from '../store/queries/unscored-calls.ts'
import type { PreparedEvaluator, Verdict } from './evaluator.ts'
import { scoreCall } from './score-call.ts'
import { samplesOf } from './score-samples.ts'

const call: SampledCall = {
  project: 'default',
  callId: 'a',
  model: 'gpt-oss-20b',
  component: 'c',
  startedAtMs: 1_000,
  totalSeconds: 3,
  completionTokens: 3,
  samplingProbability: 0.5,
  prompt: 'p',
  answer: 'a',
  attributes: {},
}

function evaluator(evaluate: () => Promise<Verdict>): PreparedEvaluator {
  return { kind: 'x', dimension: 'accuracy', needsJudge: false, version: 'x:1', evaluate }
}

function score(signal: AbortSignal, ...verdicts: (() => Promise<Verdict>)[]) {
  const { quality } = configSchema.parse({ quality: { composite: { weights: { accuracy: 1 } } } })
  return scoreCall(call, {
    evaluators: verdicts.map(evaluator),
    composite: { ...quality.composite, goodAnswer: quality.goodAnswer },
    context: { judge: null, signal },
    now: () => 2_000,
  })
}

const running = new AbortController().signal

test('an evaluator that throws or leaves [0,1] has failed and counts for nothing', async () => {
  const good: Verdict = { outcome: 'scored', value: 1, label: 'good', reason: 'r' }
  const scores = await score(
    running,
    () => Promise.reject(new Error('broken')),
    () => Promise.resolve({ ...good, value: Number.NaN }),
    () => Promise.resolve({ ...good, value: 1.5 }),
    () => Promise.resolve(good),
  )
  expect(
    scores.map(({ outcome, value, label, reason }) => [outcome, value, label, reason]),
  ).toEqual([
    ['failed', null, '', 'broken'],
    ['failed', null, '', 'value NaN is not in [0,1]'],
    ['failed', null, '', 'value 1.5 is not in [0,1]'],
    ['scored', 1, 'good', 'r'],
    ['scored', 1, 'good', '100 % of the weights are scored'],
  ])
})

test('the judge’s own latency stands, and a verdict before the call’s end has no negative lag', async () => {
  const [timed] = await score(running, () =>
    Promise.resolve({ outcome: 'failed', reason: 'hung', latencySeconds: 30, costUsd: 0.5 }),
  )
  expect(timed).toMatchObject({ latencySeconds: 30, costUsd: 0.5, lagSeconds: 0 })
  const readings = samplesOf(timed === undefined ? [] : [timed])
  expect(readings.map(({ series, value }) => [series.metric, value])).toEqual([
    ['eval.latency', 30],
  ])
})

test('skipped and dropped verdicts give no reading at all', async () => {
  const [skipped, dropped] = await score(
    running,
    () => Promise.resolve({ outcome: 'skipped', reason: 'no reference' }),
    () => Promise.resolve({ outcome: 'dropped', reason: 'budget', latencySeconds: 0 }),
  )
  const scores = [skipped, dropped].flatMap((one) => (one === undefined ? [] : [one]))
  expect(scores.map(({ value }) => value)).toEqual([null, null])
  expect(samplesOf(scores)).toEqual([])
})

test('a stop gives the call up instead of recording a failure', async () => {
  const stop = new AbortController()
  const scoring = score(stop.signal, () => {
    stop.abort(new Error('stopped'))
    return Promise.reject(new Error('aborted'))
  })
  await expect(scoring).rejects.toThrow('stopped')
})
