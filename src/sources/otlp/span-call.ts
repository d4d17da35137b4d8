// From the span of an inference to the record of the call.
import type { Call, CallOperation, MachineState } from '../../records/call.ts'
import { isDrawn } from '../../records/sampling.ts'
import { redactedWithin } from '../../redaction/redacted-within.ts'
import { callPairs } from './call-pairs.ts'
import { answerOf, finishReasonOf, promptOf, type ContentEvent } from './conversation.ts'
import { numberOf, textOf } from './facts.ts'
import { names } from './names.ts'
import { templateOf } from './prompt-template.ts'
import { endpointOf, type Settings } from './settings.ts'
import { endingOf } from './span-ending.ts'
import { paceOf } from './span-pace.ts'
import { tokensOf } from './span-tokens.ts'
import type { Attributes } from './wire/any-value.ts'
import type { Span } from './wire/trace-messages.ts'

export interface SpanCall {
  readonly span: Span
  readonly operation: CallOperation
  readonly resource: Attributes
  /** Events of the span and log records of it that carry content. */
  readonly events: readonly ContentEvent[]
}

/** Id of the call that a span is. */
export function callIdOf(span: { readonly traceId: string; readonly spanId: string }): string {
  return `${span.traceId}:${span.spanId}`
}

/** The record; text is there, redacted, when the capture settings ask for it. */
export function callOf(input: SpanCall, settings: Settings): Call {
  const { span, operation, resource, events } = input
  const { attributes } = span
  const callId = callIdOf(span)
  const place = placeOf(attributes, settings)
  const ending = endingOf(span)
  const finishReason = finishReasonOf(attributes, events)
  const tokens = tokensOf(attributes)
  const template = templateOf(attributes)
  const samplingProbability = settings.samplingOf(place.component)
  const sampled = isDrawn(settings.project, callId, samplingProbability)
  return {
    project: settings.project,
    callId,
    traceId: span.traceId,
    spanId: span.spanId,
    startedAtMs: Math.floor(span.startTimeUnixNano),
    model: place.model,
    component: place.component,
    copy: place.copy,
    route: (textOf(attributes, names.route) || textOf(resource, names.service)).slice(0, 200),
    tenant: textOf(attributes, names.tenant).slice(0, 200),
    operation,
    status: ending.status,
    outcome: ending.outcome,
    errorType: ending.errorType.slice(0, 100),
    errorMessage: redactedWithin(ending.errorMessage, 500, settings.patterns),
    finishReason: finishReason.slice(0, 64),
    ...paceOf(span, tokens.completionTokens),
    ...tokens,
    modelVersion: place.modelVersion,
    engineVersion: '',
    ...template,
    samplingProbability,
    sampled,
    ...textsOf(input, settings, sampled),
    attributes: callPairs(attributes, resource, settings.patterns),
    machine: unknownMachine,
  }
}

/** `host:port` of the server that was called; empty when the span does not say. */
export function serverOf(attributes: Attributes): string {
  const address = textOf(attributes, names.serverAddress)
  const port = numberOf(attributes, names.serverPort)
  if (address !== '' && port !== null) {
    return endpointOf(`http://${address.includes(':') ? `[${address}]` : address}:${port}`)
  }
  return endpointOf(textOf(attributes, names.baseUrl))
}

/** A span knows nothing of the machines. */
const unknownMachine: MachineState = {
  gpuIds: [],
  requestsRunning: null,
  requestsWaiting: null,
  kvCacheUsage: null,
  gpuDuty: null,
  gpuTemperatureCelsius: null,
}

function placeOf(attributes: Attributes, settings: Settings) {
  const asked = textOf(attributes, names.requestModel)
  const served = textOf(attributes, names.responseModel)
  const component = settings.componentOf(asked) ?? settings.componentOf(served)
  if (component === undefined) {
    const model = (asked || served).slice(0, 200)
    const modelVersion = served === model ? '' : served.slice(0, 200)
    return { model, component: '', copy: '', modelVersion }
  }
  const { model, name, modelVersion } = component
  const copy = settings.copyAt(serverOf(attributes))
  return {
    model,
    component: name,
    copy: copy?.component === name ? copy.id : '',
    modelVersion: modelVersion || (served === model ? '' : served.slice(0, 200)),
  }
}

function textsOf(
  { span, events, operation }: SpanCall,
  { capture, captureSize, patterns }: Settings,
  isSampled: boolean,
) {
  const isCaptured = capture === 'all' || (capture === 'sampled' && isSampled)
  if (!isCaptured) return { prompt: '', answer: '' }
  const answer = operation === 'embedding' ? '' : answerOf(span.attributes, events)
  return {
    prompt: redactedWithin(promptOf(span.attributes, events, operation), captureSize, patterns),
    answer: redactedWithin(answer, captureSize, patterns),
  }
}
