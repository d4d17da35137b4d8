// A verdict on a call as clients and files write it.
import { z } from 'zod'
import type { Score } from '../../records/score.ts'
import { rowTexts, type RowContext } from './row-context.ts'
import { identifier, name, time } from './row-fields.ts'

const outcomes = [
  'scored',
  'skipped',
  'dropped',
  'failed',
] as const satisfies readonly Score['outcome'][]

/** `model` and `callStartedAt` may be left out where the store holds the call. */
export const scoreRow = z
  .strictObject({
    callId: identifier,
    model: identifier.exactOptional(),
    component: name.exactOptional(),
    callStartedAt: time.exactOptional(),
    scoredAt: time.exactOptional(),
    evaluator: identifier,
    evaluatorVersion: name.default(''),
    dimension: identifier,
    value: z.number().min(0).max(1).nullable().default(null),
    label: name.default(''),
    reason: z.string().default(''),
    outcome: z.enum(outcomes).exactOptional(),
    latencySeconds: z.number().min(0).nullable().default(null),
    lagSeconds: z.number().min(0).exactOptional(),
    costUsd: z.number().min(0).default(0),
    samplingProbability: z.number().gt(0).max(1).exactOptional(),
  })
  .superRefine(({ value, outcome }, context) => {
    const isScored = outcome === undefined || outcome === 'scored'
    if (isScored === (value !== null)) return
    context.addIssue({
      code: 'custom',
      path: ['value'],
      message: isScored
        ? 'expected a number from 0 to 1 (1 = good), or an outcome that says why there is none'
        : `expected no value with outcome ${outcome}`,
    })
  })

export type ScoreRow = z.output<typeof scoreRow>

/** What a score needs to know of its call. */
export interface ScoredCall {
  readonly model: string
  readonly component: string
  readonly startedAtMs: number
  readonly samplingProbability: number
}

/** Whether the row says all that its call would. */
export function needsCall(row: ScoreRow): boolean {
  return row.model === undefined || row.callStartedAt === undefined
}

/** The record of a row; `null` when the call that it refers to is not known and the row does not say enough. */
export function scoreOfRow(
  row: ScoreRow,
  call: ScoredCall | undefined,
  context: RowContext,
): Score | null {
  const { callStartedAt: _, scoredAt = context.nowMs, outcome = 'scored', ...rest } = row
  const scored = scoredCall(row, call)
  if (scored === null) return null
  const { startedAtMs, samplingProbability, ...names } = scored
  return {
    ...rest,
    ...names,
    project: context.project,
    callStartedAtMs: startedAtMs,
    scoredAtMs: scoredAt,
    reason: rowTexts(context).line(row.reason),
    outcome,
    lagSeconds: row.lagSeconds ?? Math.max(0, (scoredAt - startedAtMs) / 1_000),
    samplingProbability,
  }
}

/** What the row says of its call comes before what the store says. */
function scoredCall(row: ScoreRow, call: Partial<ScoredCall> = {}): ScoredCall | null {
  const { model = call.model, callStartedAt: startedAtMs = call.startedAtMs } = row
  const { component = call.component ?? '' } = row
  const { samplingProbability = call.samplingProbability ?? 1 } = row
  if (model === undefined || startedAtMs === undefined) return null
  return { model, startedAtMs, component, samplingProbability }
}
