// The canonical metrics: one name, unit and meaning, whatever the source calls them.
import type { MetricKind } from '../records/sample.ts'

/** What one series of the metric describes. */
export type MetricScope = 'copy' | 'gpu' | 'node' | 'model' | 'target'

export interface CanonicalMetric {
  readonly name: string
  readonly unit: string
  readonly kind: MetricKind
  readonly scope: MetricScope
  readonly meaning: string
}

/** Unit, kind, scope and meaning of a canonical metric; `undefined` when there is no such metric. */
export function canonicalMetric(name: string): CanonicalMetric | undefined {
  return byName.get(name)
}

type Row = readonly [name: string, unit: string, kind: MetricKind, meaning: string]

const copyRows: readonly Row[] = [
  ['req.running', '1', 'gauge', 'Sequences in the running batch.'],
  ['req.waiting', '1', 'gauge', 'All waiting requests, deferred ones included.'],
  ['req.waiting_by_reason', '1', 'gauge', 'Waiting requests by reason; sums to req.waiting.'],
  ['req.arrived', '1', 'counter', 'Requests that reached the server.'],
  ['req.finished', '1', 'counter', 'Finished requests by reason; reason length = cut off.'],
  ['req.errors', '1', 'counter', 'Requests answered with an error, by class.'],
  ['req.rejected', '1', 'counter', 'Requests turned away at admission, by reason.'],
  ['req.preempted', '1', 'counter', 'Sequences thrown out of the batch and computed again.'],
  ['tok.prompt', 'token', 'counter', 'Prompt tokens, cached ones included.'],
  ['tok.prompt_by_source', 'token', 'counter', 'Prompt tokens by where they came from.'],
  ['tok.output', 'token', 'counter', 'Generated tokens.'],
  ['lat.ttft', 's', 'histogram', 'Arrival at the server to first token.'],
  ['lat.itl', 's', 'histogram', 'Time between tokens, one observation a token.'],
  ['lat.tpot', 's', 'histogram', 'Mean time per output token, one observation a request.'],
  ['lat.queue', 's', 'histogram', 'Waiting in the server.'],
  ['lat.prefill', 's', 'histogram', 'Prefill; overlaps within a batch, so not GPU time.'],
  ['lat.decode', 's', 'histogram', 'Decode; overlaps within a batch, so not GPU time.'],
  ['lat.e2e', 's', 'histogram', 'Arrival at the server to last token.'],
  ['shape.input_len', 'token', 'histogram', 'Prompt length of a request.'],
  ['shape.output_len', 'token', 'histogram', 'Answer length of a request.'],
  ['batch.step_tokens', 'token', 'histogram', 'Tokens of one engine step.'],
  ['kv.usage', 'ratio', 'gauge', 'Share of the KV cache in use; cached free blocks are free.'],
  ['kv.capacity_tokens', 'token', 'info', 'Tokens that fit into the KV cache.'],
  ['cache.hit_tokens', 'token', 'counter', 'Prompt tokens served from a prefix cache.'],
  ['cache.query_tokens', 'token', 'counter', 'Prompt tokens looked up in a prefix cache.'],
  ['engine.flops', 'FLOP', 'counter', 'Estimated work per GPU.'],
  ['engine.bytes_read', 'byte', 'counter', 'Estimated memory reads per GPU.'],
  ['engine.bytes_written', 'byte', 'counter', 'Estimated memory writes per GPU.'],
  ['engine.busy_s', 's', 'counter', 'Seconds that the engine computed, by phase.'],
  ['start.load_s', 's', 'gauge', 'Time to load the model, by phase.'],
]

const gpuRows: readonly Row[] = [
  ['gpu.duty', 'ratio', 'gauge', 'Share of time in which a kernel ran; says nothing of its work.'],
  [
    'gpu.engine_active',
    'ratio',
    'gauge',
    'Share of time in which the engine was busy; per MIG too.',
  ],
  ['gpu.sm_active', 'ratio', 'gauge', 'Share of SMs with a warp, waiting ones included.'],
  ['gpu.sm_occupancy', 'ratio', 'gauge', 'Resident warps of the possible ones.'],
  ['gpu.tensor_active', 'ratio', 'gauge', 'Share of time in which tensor cores worked.'],
  ['gpu.dram_active', 'ratio', 'gauge', 'Share of time in which memory moved data; 0.8 is full.'],
  ['gpu.mem_controller', 'ratio', 'gauge', 'Activity of the memory controller, not occupancy.'],
  ['gpu.mem_used', 'byte', 'gauge', 'Memory in use; engines take it all in advance.'],
  ['gpu.mem_free', 'byte', 'gauge', 'Memory not in use.'],
  ['gpu.mem_reserved', 'byte', 'gauge', 'Memory kept by the driver.'],
  ['gpu.mem_total', 'byte', 'gauge', 'All memory: used, free and reserved.'],
  ['gpu.power', 'W', 'gauge', 'Power drawn.'],
  ['gpu.energy', 'J', 'counter', 'Energy since the driver was loaded.'],
  ['gpu.temperature', 'celsius', 'gauge', 'Temperature of the chip.'],
  ['gpu.mem_temperature', 'celsius', 'gauge', 'Temperature of the memory.'],
  ['gpu.sm_clock', 'Hz', 'gauge', 'Clock of the SMs.'],
  ['gpu.mem_clock', 'Hz', 'gauge', 'Clock of the memory.'],
  ['gpu.throttled', 's', 'counter', 'Time in which clocks were held down, by reason.'],
  [
    'gpu.throttle_events',
    '1',
    'gauge',
    'Clock events in a sliding window, by reason: it also falls.',
  ],
  ['gpu.fault', 'code', 'info', 'Code of the last fault (XID), 0 = none: never to be summed.'],
  ['gpu.faults_recent', '1', 'gauge', 'Faults in a sliding window, by code: it also falls.'],
  ['gpu.ecc_errors', '1', 'counter', 'Memory errors by class; an uncorrectable one means drain.'],
  ['gpu.rows_remapped', '1', 'counter', 'Memory rows replaced, by class.'],
  ['gpu.row_remap_failed', '1', 'gauge', '1 = a row could not be replaced: replace the GPU.'],
  ['gpu.pcie_tx', 'byte/s', 'gauge', 'PCIe traffic sent.'],
  ['gpu.pcie_rx', 'byte/s', 'gauge', 'PCIe traffic received.'],
  ['gpu.pcie_replays', '1', 'counter', 'PCIe packets sent again.'],
  ['gpu.nvlink_errors', '1', 'counter', 'NVLink errors, by class.'],
  ['gpu.reserved', '1', 'gauge', 'GPUs reserved by a model.'],
]

const nodeRows: readonly Row[] = [['node.cpu', 'ratio', 'gauge', 'CPU in use.']]

const modelRows: readonly Row[] = [
  ['cost.hour', 'USD/h', 'gauge', 'What the model costs.'],
  ['cost.idle_hour', 'USD/h', 'gauge', 'Part of it spent on reserved GPUs without work.'],
  ['quality.score', 'ratio', 'gauge', 'Score of an answer by dimension; 1 = good.'],
  ['eval.latency', 's', 'gauge', 'Time that an evaluator took, without the inference.'],
  ['eval.queue', '1', 'gauge', 'Sampled answers that wait for an evaluator.'],
  ['eval.drawn', '1', 'gauge', 'Answers of the last hour that were drawn for scoring.'],
  ['eval.lag', 's', 'gauge', 'From the end of the answer scored last to its verdicts.'],
  ['eval.coverage', 'ratio', 'gauge', 'Share of eval.drawn with a composite score.'],
  ['eval.verdicts', '1', 'counter', 'Verdicts by evaluator and outcome.'],
  ['eval.failures', '1', 'counter', 'Evaluations that broke, by evaluator and reason.'],
  ['eval.skipped', '1', 'counter', 'Evaluations left out, by evaluator and reason.'],
  ['eval.cost', 'USD', 'counter', 'What verdicts cost, by evaluator.'],
  ['eval.sampled', '1', 'counter', 'Answers drawn for scoring.'],
]

const targetRows: readonly Row[] = [
  ['target.up', '1', 'gauge', '1 = the metrics page could be read, 0 = it could not.'],
  ['target.scrape_s', 's', 'gauge', 'Time that reading the metrics page took.'],
  ['target.samples', '1', 'gauge', 'Samples on the metrics page.'],
  ['target.samples_kept', '1', 'gauge', 'Samples on the page that relabelling left.'],
]

const inScope = (scope: MetricScope, rows: readonly Row[]): readonly CanonicalMetric[] =>
  rows.map(([name, unit, kind, meaning]) => ({ name, unit, kind, scope, meaning }))

/** Each canonical metric. Counters are cumulative; series of a metric partition it. */
export const canonicalMetrics: readonly CanonicalMetric[] = [
  ...inScope('copy', copyRows),
  ...inScope('gpu', gpuRows),
  ...inScope('node', nodeRows),
  ...inScope('model', modelRows),
  ...inScope('target', targetRows),
]

const byName = new Map(canonicalMetrics.map((metric) => [metric.name, metric]))
