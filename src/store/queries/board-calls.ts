import type { Store } from '../store.ts'
import {
  type BoardWindow,
  modelWanted,
  rollupOf,
  stepOf,
  stepOfMinute,
  windowParameters,
  within,
  withinMinutes,
} from './board-window.ts'
import {
  quantilesOf,
  quantilesOfAll,
  stateOfHistograms,
  stateOfValues,
  type Quantiles,
} from './latency-quantiles.ts'

export interface CallCounts {
  readonly calls: number
  readonly successes: number
  readonly errors: number
  readonly rejected: number
  readonly sampled: number
  readonly promptTokens: number
  readonly completionTokens: number
}

export interface CallLatencies {
  readonly ttft: Quantiles
  readonly tpot: Quantiles
  readonly queue: Quantiles
  readonly total: Quantiles
}

/** Calls of one model in one step. */
export interface BoardCalls extends CallCounts, CallLatencies {
  readonly step: number
}

/** Calls of one model: the steps that have any, and latency over the whole window. */
export interface ModelCalls {
  readonly model: string
  readonly steps: readonly BoardCalls[]
  readonly whole: CallLatencies
}

/** Traffic and latency by model, each step and the whole window in one pass over the sketches. */
export async function boardCalls(
  store: Store,
  window: BoardWindow,
): Promise<readonly ModelCalls[]> {
  const rows = await store.query<Row>(
    `SELECT model, groupArray(step) AS steps,
      groupArray([calls, successes, errors, rejected, sampled, prompt, completion]) AS counts,
      ${latencies.map((name) => `groupArray(${quantilesOf(`${name}_state`)}) AS ${name}`).join(', ')},
      ${latencies.map((name) => `${quantilesOfAll(`${name}_state`)} AS ${name}_whole`).join(', ')}
    FROM (${window.source === 'raw' ? rawSteps : rollupSteps(window)})
    GROUP BY model ORDER BY model`,
    windowParameters(window),
  )
  return rows.map(modelCalls)
}

type Row = Readonly<
  { model: string; steps: readonly number[]; counts: readonly (readonly number[])[] } & Record<
    Latency,
    readonly Quantiles[]
  > &
    Record<`${Latency}_whole`, Quantiles>
>

const latencies = ['ttft', 'tpot', 'queue', 'total'] as const

type Latency = (typeof latencies)[number]

function modelCalls(row: Row): ModelCalls {
  return {
    model: row.model,
    steps: row.steps.map((step, at) => ({
      step,
      ...countsOf(row.counts[at] ?? []),
      ttft: row.ttft[at] ?? [],
      tpot: row.tpot[at] ?? [],
      queue: row.queue[at] ?? [],
      total: row.total[at] ?? [],
    })),
    whole: {
      ttft: row.ttft_whole,
      tpot: row.tpot_whole,
      queue: row.queue_whole,
      total: row.total_whole,
    },
  }
}

function countsOf(counts: readonly number[]): CallCounts {
  const [
    calls = 0,
    successes = 0,
    errors = 0,
    rejected = 0,
    sampled = 0,
    prompt = 0,
    completion = 0,
  ] = counts
  return {
    calls,
    successes,
    errors,
    rejected,
    sampled,
    promptTokens: prompt,
    completionTokens: completion,
  }
}

const rawSteps = `
  SELECT model, ${stepOf('started_at')} AS step,
    toFloat64(count()) AS calls,
    toFloat64(countIf(outcome = 'success')) AS successes,
    toFloat64(countIf(outcome IN ('timeout', 'upstream_error', 'truncated'))) AS errors,
    toFloat64(countIf(outcome = 'rejected')) AS rejected,
    toFloat64(countIf(calls.sampled)) AS sampled,
    toFloat64(sum(ifNull(prompt_tokens, 0))) AS prompt,
    toFloat64(sum(ifNull(completion_tokens, 0))) AS completion,
    ${latencies.map((name) => `${stateOfValues(`${name}_seconds`)} AS ${name}_state`).join(', ')}
  FROM calls WHERE project = {project:String} AND ${modelWanted} AND ${within('started_at')}
  GROUP BY model, step ORDER BY step`

const rollupSteps = (window: BoardWindow) => `
  SELECT model, ${stepOfMinute} AS step,
    toFloat64(sum(rollup.calls)) AS calls,
    toFloat64(sum(rollup.successes)) AS successes,
    toFloat64(sum(rollup.errors)) AS errors,
    toFloat64(sum(rollup.rejected)) AS rejected,
    toFloat64(sum(rollup.sampled)) AS sampled,
    toFloat64(sum(rollup.prompt_tokens)) AS prompt,
    toFloat64(sum(rollup.completion_tokens)) AS completion,
    ${latencies.map((name) => `${stateOfHistograms(`rollup.${name}`)} AS ${name}_state`).join(', ')}
  FROM ${rollupOf('calls', window)} AS rollup
  WHERE project = {project:String} AND ${modelWanted} AND ${withinMinutes}
  GROUP BY model, step ORDER BY step`
