// One plausible record of each kind, for tests and benchmarks of spool and store.
import type { Alert } from '../records/alert.ts'
import type { Call } from '../records/call.ts'
import type { Event } from '../records/event.ts'
import type { Finding } from '../records/finding.ts'
import type { Label } from '../records/label.ts'
import type { LedgerEntry } from '../records/ledger-entry.ts'
import type { Sample } from '../records/sample.ts'
import type { Score } from '../records/score.ts'

const timeMs = Date.UTC(2026, 0, 15, 12)

/** A successful chat call. */
export function exampleCall(change: Partial<Call> = {}): Call {
  return {
    project: 'default',
    callId: '019b0000-0000-7000-8000-000000000000',
    traceId: '',
    spanId: '',
    startedAtMs: timeMs,
    model: 'gpt-oss-20b',
    component: 'gpt-oss-20b',
    copy: 'gpt-oss-20b/0',
    route: '/v1/chat/completions',
    tenant: 'shop',
    operation: 'chat',
    streaming: true,
    status: 200,
    outcome: 'success',
    errorType: '',
    errorMessage: '',
    finishReason: 'stop',
    queueSeconds: 0.004,
    ttftSeconds: 0.21,
    tpotSeconds: 0.018,
    totalSeconds: 4.1,
    promptTokens: 812,
    cachedTokens: null,
    completionTokens: 214,
    usageSource: 'upstream',
    modelVersion: '2025-08',
    engineVersion: 'vllm 0.11.0',
    promptTemplate: 'support',
    promptVersion: '3',
    samplingProbability: 0.25,
    sampled: true,
    prompt: 'Where is my order?\nIt is #1234 — "the blue one".',
    answer: "It's on its way: the courier's page says Thursday. \\o/ ✓",
    attributes: { reference: 'Thursday', context: 'order 1234' },
    machine: {
      gpuIds: ['gpu-server-1/0', 'gpu-server-1/1'],
      requestsRunning: 7,
      requestsWaiting: 0,
      kvCacheUsage: 0.41,
      gpuDuty: 0.93,
      gpuTemperatureCelsius: null,
    },
    ...change,
  }
}

/** A present gauge reading. */
export function exampleSample(change: Partial<Sample> = {}): Sample {
  return {
    series: {
      project: 'default',
      namespace: '/aws/sagemaker/InferenceComponents/gpt-oss-20b',
      metric: 'kv.usage',
      dimensions: { copy: 'gpt-oss-20b/0' },
      unit: 'ratio',
      kind: 'gauge',
    },
    timeMs,
    value: 0.41,
    state: 'present',
    ...change,
  }
}

/** A scored answer. */
export function exampleScore(change: Partial<Score> = {}): Score {
  return {
    project: 'default',
    callId: '019b0000-0000-7000-8000-000000000000',
    model: 'gpt-oss-20b',
    component: 'gpt-oss-20b',
    callStartedAtMs: timeMs,
    scoredAtMs: timeMs + 5_000,
    evaluator: 'refusal',
    evaluatorVersion: '1',
    dimension: 'safety',
    value: 1,
    label: 'answered',
    reason: '',
    outcome: 'scored',
    latencySeconds: 0.001,
    lagSeconds: 0.9,
    costUsd: 0,
    samplingProbability: 0.25,
    ...change,
  }
}

/** A reviewer's verdict. */
export function exampleLabel(): Label {
  return {
    project: 'default',
    callId: '019b0000-0000-7000-8000-000000000000',
    model: 'gpt-oss-20b',
    reviewer: 'maria',
    question: 'Is the answer right?',
    labelledAtMs: timeMs + 60_000,
    value: 1,
    comment: 'checked with the courier',
    draw: 'random',
    drawProbability: 0.01,
  }
}

/** A deployment. */
export function exampleEvent(): Event {
  return {
    project: 'default',
    eventId: 'deploy-1',
    timeMs,
    kind: 'deploy',
    model: '',
    title: 'New engine',
    detail: 'vllm 0.11.0',
    attributes: { from: '0.10.2' },
  }
}

/** A finding with evidence of each sort. */
export function exampleFinding(): Finding {
  return {
    project: 'default',
    findingId: 'finding-1',
    foundAtMs: timeMs,
    kind: 'over_provision',
    model: 'gpt-oss-20b',
    severity: 'info',
    summary: 'Two of four GPUs were idle for six hours.',
    fromMs: timeMs - 21_600_000,
    toMs: timeMs,
    evidence: { idle_gpu_hours: 12, node: 'gpu-server-1', saving_usd_per_hour: null },
  }
}

/** One minute of one model's GPUs. */
export function exampleLedgerEntry(): LedgerEntry {
  return {
    project: 'default',
    minuteMs: timeMs,
    node: 'gpu-server-1',
    owner: 'model',
    model: 'gpt-oss-20b',
    component: 'gpt-oss-20b',
    gpus: 2,
    costUsd: 0.04793,
    idleCostUsd: null,
    priceSource: 'AWS price list, us-east-1, on demand',
    priceDate: '2026-01-10',
  }
}

/** A firing alert. */
export function exampleAlert(): Alert {
  return {
    project: 'default',
    alertId: 'alert-1',
    rule: 'unsafe_while_fast',
    model: 'gpt-oss-20b',
    severity: 'critical',
    state: 'firing',
    startedAtMs: timeMs,
    changedAtMs: timeMs + 60_000,
    summary: 'Latency is steady and safety fell below 0.9.',
    readings: [
      {
        axis: 'quality',
        metric: 'safety',
        value: 0.7,
        lower: 0.6,
        upper: 0.79,
        n: 80,
        baseline: null,
        threshold: 0.9,
        unit: 'ratio',
      },
    ],
  }
}
