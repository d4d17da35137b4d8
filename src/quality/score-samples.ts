import type { Sample } from '../records/sample.ts'
import type { Score } from '../records/score.ts'
import { qualityNamespace } from '../vocabulary/namespace.ts'

/**
 * Readings of the quality namespace: one a scored score under its dimension's name, on the call's time
 * axis, and `eval.latency` in seconds when the verdict was made. A score without a value gives no
 * reading, because a zero would be one.
 */
export function samplesOf(scores: readonly Score[]): readonly Sample[] {
  return scores.flatMap((score) => [...valueSample(score), ...latencySample(score)])
}

function valueSample(score: Score): readonly Sample[] {
  if (score.value === null) return []
  const series = seriesOf(score, score.dimension, 'ratio')
  return [{ series, timeMs: score.callStartedAtMs, value: score.value, state: 'present' }]
}

/** Failed verdicts took time too, and a judge that times out is just what the reading is for. */
function latencySample(score: Score): readonly Sample[] {
  if (score.latencySeconds === null) return []
  if (score.outcome !== 'scored' && score.outcome !== 'failed') return []
  const series = seriesOf(score, 'eval.latency', 's')
  return [{ series, timeMs: score.scoredAtMs, value: score.latencySeconds, state: 'present' }]
}

function seriesOf(score: Score, metric: string, unit: string): Sample['series'] {
  return {
    project: score.project,
    namespace: qualityNamespace(score.model),
    metric,
    dimensions: { evaluator: score.evaluator, component: score.component },
    unit,
    kind: 'gauge',
  }
}
