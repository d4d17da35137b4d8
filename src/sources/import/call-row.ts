// A call as clients and files write it: one flat row, times as ISO text or epoch milliseconds.
import { z } from 'zod'
import type { Call } from '../../records/call.ts'
import { newSpanId, uuidv7 } from '../../records/record-id.ts'
import { isDrawn } from '../../records/sampling.ts'
import { rowOfOllama } from './ollama-answer.ts'
import { rowTexts, type RowContext } from './row-context.ts'
import { amount, identifier, name, tally, time, words } from './row-fields.ts'

const outcomes = [
  'success',
  'client_cancelled',
  'rejected',
  'timeout',
  'upstream_error',
  'truncated',
  'invalid_request',
] as const satisfies readonly Call['outcome'][]

/** Only `model`, `startedAt` and `totalSeconds` must be there; what is left out is not known, never zero. */
const callFields = z.strictObject({
  callId: identifier.exactOptional(),
  traceId: name.default(''),
  spanId: name.default(''),
  startedAt: time,
  model: identifier,
  component: name.default(''),
  copy: name.default(''),
  route: name.default(''),
  tenant: name.default(''),
  operation: z.enum(['chat', 'completion', 'embedding']).default('chat'),
  streaming: z.boolean().default(false),
  status: z.int().min(0).max(999).default(200),
  outcome: z.enum(outcomes).default('success'),
  errorType: name.default(''),
  errorMessage: z.string().default(''),
  finishReason: name.default(''),
  queueSeconds: amount.default(null),
  ttftSeconds: amount.default(null),
  tpotSeconds: amount.default(null),
  totalSeconds: z.number().min(0),
  promptTokens: tally.default(null),
  cachedTokens: tally.default(null),
  completionTokens: tally.default(null),
  usageSource: z.enum(['upstream', 'counted', 'estimated', 'none']).exactOptional(),
  modelVersion: name.default(''),
  engineVersion: name.default(''),
  promptTemplate: name.default(''),
  promptVersion: name.default(''),
  samplingProbability: z.number().min(0).max(1).exactOptional(),
  sampled: z.boolean().exactOptional(),
  prompt: z.string().default(''),
  answer: z.string().default(''),
  attributes: words.default({}),
  machineGpuIds: z.array(name).max(64).default([]),
  machineRequestsRunning: amount.default(null),
  machineRequestsWaiting: amount.default(null),
  machineKvCacheUsage: amount.default(null),
  machineGpuDuty: amount.default(null),
  machineGpuTemperatureCelsius: z.number().nullable().default(null),
})

/** A call, or a native answer of Ollama, whose fields are then a call's. */
export const callRow = z.preprocess(rowOfOllama, callFields)

/** The record of a row: redacted, and drawn for scoring as the gateway would have drawn it. */
export function callOfRow(row: z.output<typeof callRow>, context: RowContext): Call {
  const { project } = context
  const {
    callId: givenId,
    startedAt,
    samplingProbability,
    sampled,
    usageSource,
    machineGpuIds: gpuIds,
    machineRequestsRunning: requestsRunning,
    machineRequestsWaiting: requestsWaiting,
    machineKvCacheUsage: kvCacheUsage,
    machineGpuDuty: gpuDuty,
    machineGpuTemperatureCelsius: gpuTemperatureCelsius,
    ...rest
  } = row
  const callId = givenId ?? uuidv7(startedAt)
  const probability = samplingProbability ?? context.samplingOf(row.model)
  const isSampled = sampled ?? isDrawn(project, callId, probability)
  const texts = rowTexts(context)
  const hasUsage = row.promptTokens !== null || row.completionTokens !== null
  return {
    ...rest,
    project,
    callId,
    component: row.component === '' ? context.componentOf(row.model) : row.component,
    spanId: row.spanId === '' ? newSpanId() : row.spanId,
    startedAtMs: startedAt,
    usageSource: usageSource ?? (hasUsage ? 'upstream' : 'none'),
    samplingProbability: probability,
    sampled: isSampled,
    errorMessage: texts.line(row.errorMessage),
    prompt: texts.content(row.prompt, isSampled),
    answer: texts.content(row.answer, isSampled),
    attributes: texts.pairs(row.attributes),
    machine: {
      gpuIds,
      requestsRunning,
      requestsWaiting,
      kvCacheUsage,
      gpuDuty,
      gpuTemperatureCelsius,
    },
  }
}
