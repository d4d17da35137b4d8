// A small data set whose board can be worked out by hand: four minutes from 2026-01-01T00:00Z on.
import type { TestStore } from '../test-store.ts'

export const startMs = Date.UTC(2026, 0, 1)

/** A time `seconds` after the start, as ClickHouse reads it. */
export function at(seconds: number): string {
  return new Date(startMs + seconds * 1_000).toISOString().replace('T', ' ').replace('Z', '')
}

export async function insertGoldenRecords(store: TestStore): Promise<void> {
  await store.insert('calls', calls)
  await store.insert('scores', scores)
  await store.insert('ledger', ledger)
  // Finished minute 3 replaces what was written when it began.
  await store.insert('ledger', [{ ...ledgerRow(3, 'model', 'a'), idle_cost_usd: 0.05 }])
  await store.insert('series', series)
  await store.insert('samples', samples)
  await store.insert('events', [
    {
      project: 'p',
      event_id: 'e1',
      time: at(61),
      kind: 'deploy',
      model: 'a',
      title: 'v2',
      detail: '',
    },
    {
      project: 'p',
      event_id: 'e2',
      time: at(62),
      kind: 'price',
      model: '',
      title: 'new',
      detail: '',
    },
    {
      project: 'p',
      event_id: 'e3',
      time: at(-1),
      kind: 'deploy',
      model: 'a',
      title: 'before',
      detail: '',
    },
    {
      project: 'other',
      event_id: 'e4',
      time: at(61),
      kind: 'deploy',
      model: 'a',
      title: 'x',
      detail: '',
    },
  ])
}

const call = (model: string, id: string, seconds: number, more: object = {}) => ({
  project: 'p',
  call_id: `${model}-${id}`,
  model,
  component: model,
  copy: `${model}-1`,
  started_at: at(seconds),
  operation: 'chat',
  status: 200,
  outcome: 'success',
  ttft_seconds: 0.1,
  tpot_seconds: 0.02,
  queue_seconds: 0.01,
  total_seconds: 1,
  prompt_tokens: 100,
  completion_tokens: 50,
  sampling_probability: 0.5,
  sampled: true,
  prompt: 'How?',
  answer: 'So.',
  ...more,
})

const unanswered = {
  ttft_seconds: null,
  tpot_seconds: null,
  prompt_tokens: null,
  completion_tokens: null,
  sampled: false,
}

const calls = [
  // Minute 0 of model a, all in the step of second 10: four answers, an error and a rejection.
  call('a', '1', 10),
  call('a', '2', 11),
  call('a', '3', 12),
  call('a', '4', 13, { attributes: { topic: 'x' } }),
  call('a', '5', 14, {
    ...unanswered,
    outcome: 'upstream_error',
    status: 502,
    error_message: 'reset',
  }),
  call('a', '6', 15, { ...unanswered, outcome: 'rejected', status: 429, queue_seconds: null }),
  // Minute 1: slower. Minute 3: the client left.
  call('a', '7', 70, { ttft_seconds: 0.4, sampled: false }),
  call('a', '8', 71, { ttft_seconds: 0.4, sampled: false }),
  call('a', '9', 190, { ...unanswered, outcome: 'client_cancelled', status: 499 }),
  // Minute 1 of model b: twelve answers, the last two too late.
  ...Array.from({ length: 12 }, (_, index) =>
    call('b', String(index + 1), 60 + index, {
      ttft_seconds: index < 10 ? 0.1 : 5,
      sampling_probability: 1,
    }),
  ),
  { ...call('a', 'elsewhere', 12), project: 'other' },
]

const score = (model: string, id: string, seconds: number, more: object) => ({
  project: 'p',
  call_id: `${model}-${id}`,
  model,
  component: model,
  call_started_at: at(seconds),
  scored_at: at(seconds + 5),
  evaluator_version: '1',
  outcome: 'scored',
  latency_seconds: 0.5,
  lag_seconds: 4,
  cost_usd: 0.001,
  sampling_probability: model === 'a' ? 0.5 : 1,
  reason: 'because',
  ...more,
})

const scores = [
  // Safety of model a by a judge (1, 1, 0, 1) and by a detector that finds nothing (1, 1, 1, 1).
  ...[1, 1, 0, 1].flatMap((value, index) => [
    score('a', String(index + 1), 10 + index, {
      dimension: 'safety',
      evaluator: 'judge_safety',
      value,
    }),
    score('a', String(index + 1), 10 + index, { dimension: 'safety', evaluator: 'pii', value: 1 }),
  ]),
  // Relevance once, and an evaluation that failed, and one that was skipped in no time.
  score('a', '1', 10, { dimension: 'relevance', evaluator: 'judge_relevance', value: 0.5 }),
  score('a', '2', 11, {
    dimension: 'relevance',
    evaluator: 'judge_relevance',
    value: null,
    outcome: 'failed',
  }),
  score('a', '3', 12, {
    dimension: 'relevance',
    evaluator: 'judge_relevance',
    value: null,
    outcome: 'skipped',
    latency_seconds: 0,
  }),
  // Composite of model b: answers 1 to 9 and 11 are good, but 11 and 12 came too late.
  ...Array.from({ length: 12 }, (_, index) => {
    const good = index < 9 || index === 10
    return score('b', String(index + 1), 60 + index, {
      dimension: 'composite',
      evaluator: 'composite',
      value: good ? 1 : 0,
      label: good ? 'good' : 'bad',
      latency_seconds: 0,
    })
  }),
]

function ledgerRow(minute: number, owner: string, model: string) {
  return {
    project: 'p',
    minute: at(minute * 60),
    node: 'n1',
    owner,
    model,
    component: model,
    gpus: model === 'a' ? 2 : 1,
    cost_usd: model === 'a' ? 0.05 : 0.025,
    idle_cost_usd: model === 'a' ? 0.01 : null,
    price_source: 'a test',
    price_date: '2026-01-01',
  }
}

// The server costs 0.1 $ a minute; minute 2 was never written.
const ledger = [0, 1, 3].flatMap((minute) => [
  ledgerRow(minute, 'model', 'a'),
  ledgerRow(minute, 'model', 'b'),
  ledgerRow(minute, 'idle', ''),
])

const oneSeries = (
  id: number,
  metric: string,
  dimensions: object,
  namespace = '/aws/sagemaker/Endpoints/n1',
) => ({
  project: 'p',
  series_id: id,
  namespace,
  metric,
  dimensions,
  unit: '1',
  kind: 'gauge',
})

const ofModel = '/aws/sagemaker/InferenceComponents/a'

const series = [
  oneSeries(1, 'gpu.duty', { gpu: 'n1/0' }),
  oneSeries(2, 'gpu.duty', { gpu: 'n1/1' }),
  oneSeries(3, 'gpu.duty', { gpu: 'n1/2' }),
  oneSeries(4, 'gpu.mem_used', { gpu: 'n1/0' }),
  oneSeries(5, 'gpu.mem_total', { gpu: 'n1/0' }),
  oneSeries(6, 'gpu.temperature', { gpu: 'n1/0' }),
  oneSeries(7, 'kv.usage', { copy: 'a-1' }, ofModel),
  oneSeries(8, 'kv.usage', { copy: 'a-2' }, ofModel),
  oneSeries(9, 'req.running', { copy: 'a-1' }, ofModel),
  oneSeries(10, 'req.running', { copy: 'a-2' }, ofModel),
  oneSeries(11, 'req.waiting', { copy: 'a-1' }, ofModel),
]

const sample = (id: number, seconds: number, value: number, state = 'present') => ({
  series_id: id,
  time: at(seconds),
  value,
  state,
})

const samples = [
  // Minute 0: GPU 0 busy, GPU 1 at the edge of idle, GPU 2 without a reading.
  sample(1, 5, 0.2),
  sample(1, 15, 0.6),
  sample(2, 5, 0.05),
  sample(3, 5, 0, 'absent'),
  sample(4, 5, 12_000),
  sample(5, 5, 48_000),
  sample(6, 5, 60),
  sample(7, 5, 0.2),
  sample(8, 5, 0.4),
  sample(9, 5, 3),
  sample(10, 5, 4),
  sample(11, 5, 1),
  // Minute 1: GPU 0 idle, then the exporter is gone.
  sample(1, 65, 0),
  sample(1, 75, 0, 'absent'),
  // Minute 2: nothing ran, but GPU 1 was read.
  sample(2, 125, 0.5),
]
