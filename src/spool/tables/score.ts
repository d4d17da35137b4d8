import type { Score } from '../../records/score.ts'
import { float, nullableFloat, text, time, word, type Table } from '../table.ts'

export const scores: Table<Score> = {
  name: 'scores',
  timeMs: (score) => score.callStartedAtMs,
  columns: [
    word('project', (score) => score.project),
    text('call_id', (score) => score.callId),
    word('model', (score) => score.model),
    word('component', (score) => score.component),
    time('call_started_at', (score) => score.callStartedAtMs),
    time('scored_at', (score) => score.scoredAtMs),
    word('evaluator', (score) => score.evaluator),
    word('evaluator_version', (score) => score.evaluatorVersion),
    word('dimension', (score) => score.dimension),
    nullableFloat('value', (score) => score.value),
    word('label', (score) => score.label),
    text('reason', (score) => score.reason),
    word('outcome', (score) => score.outcome),
    nullableFloat('latency_seconds', (score) => score.latencySeconds),
    float('lag_seconds', (score) => score.lagSeconds),
    float('cost_usd', (score) => score.costUsd),
    float('sampling_probability', (score) => score.samplingProbability),
  ],
}
