// Spans: inferences become calls, verdicts on them scores; the rest of a trace is counted and left.
import type { Call, CallOperation } from '../../records/call.ts'
import { callKey } from '../../records/record-key.ts'
import type { Score } from '../../records/score.ts'
import {
  evaluationEvent,
  evaluationName,
  flattenedEvaluations,
  scoreOf,
  type Evaluation,
} from './evaluation.ts'
import { isContentEvent } from './conversation.ts'
import { roleOf } from './operation.ts'
import type { ReceiverParts } from './parts.ts'
import { knownCall } from './recent-calls.ts'
import { scoreId } from './score-id.ts'
import type { Settings } from './settings.ts'
import { responseIdOf } from './response-id.ts'
import { callIdOf, callOf, serverOf } from './span-call.ts'
import { createTally, type Tally } from './tally.ts'
import { timeProblem } from './times.ts'
import type { Attributes } from './wire/any-value.ts'
import type { Outcome } from './wire/export-answer.ts'
import type { Span, TraceRequest } from './wire/trace-messages.ts'

/** Resolves once all calls and scores of the request are durable. */
export async function receiveTraces(
  request: TraceRequest,
  parts: ReceiverParts,
  settings: Settings,
): Promise<Outcome> {
  const tally = createTally('traces')
  const all = inferencesOf(request, parts, settings, tally)
  const inferences = outermost(await notPassed(all, parts, settings, tally), parts, tally)
  const results = inferences.map((inference) => resultOf(inference, parts, settings, tally))
  const calls = results.map(({ call }) => call)
  const scores = results.flatMap((result) => result.scores)
  const fresh = await parts.once.records('calls', calls, callKey)
  for (const call of calls) parts.recent.add(call)
  for (const inference of inferences) noteCall(inference, parts)
  await parts.once.records('scores', scores, scoreId)
  for (const { callId } of calls) {
    parts.beside.remove(callId)
    parts.waiting.settle(callId)
  }
  const received = spansOf(request).length
  return tally.finish({ received, came: calls.length, fresh })
}

function spansOf(request: TraceRequest): Span[] {
  return request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

interface Inference {
  readonly span: Span
  readonly operation: CallOperation
  readonly resource: Attributes
}

function inferencesOf(
  request: TraceRequest,
  parts: ReceiverParts,
  settings: Settings,
  tally: Tally,
): Inference[] {
  const inferences: Inference[] = []
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const shared: Attributes = resource?.attributes ?? new Map()
    for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
      const inference = inferenceOf(span, settings, tally)
      if (inference !== null) inferences.push({ ...inference, resource: shared })
      else if (span.kind === clientKind) parts.family.addOther(callIdOf(span), parentIdOf(span))
    }
  }
  return inferences
}

function inferenceOf(
  span: Span,
  settings: Settings,
  tally: Tally,
): { readonly span: Span; readonly operation: CallOperation } | null {
  const problem = problemOf(span, settings.nowMs)
  if (problem !== null) {
    tally.reject(problem.reason, problem.message)
    return null
  }
  const role = roleOf(span.name, span.attributes)
  if (role.kind === 'other') {
    tally.ignore(role.reason)
    return null
  }
  return { span, operation: role.operation }
}

/** Of a span that makes a request; `SPAN_KIND_CLIENT`. */
const clientKind = 3

const parentIdOf = ({ traceId, parentSpanId }: Span) => callIdOf({ traceId, spanId: parentSpanId })

/**
 * An SDK's span inside a framework's is the same inference. Of one batch the outer one counts; of two batches
 * the one that came first, for it is a call already.
 */
function outermost(
  inferences: readonly Inference[],
  { family }: ReceiverParts,
  tally: Tally,
): Inference[] {
  const operations = new Map(inferences.map((one) => [callIdOf(one.span), one.operation]))
  return inferences.filter(({ span, operation }) => {
    const callId = callIdOf(span)
    const parentId = parentIdOf(span)
    const isInside =
      parentId !== callId &&
      (operations.get(parentId) === operation || family.isInsideCall(parentId, operation))
    const isAround = family.isAroundCall(callId, operation)
    if (isInside) tally.ignore('inside_another_call')
    else if (isAround) {
      tally.ignore('around_another_call')
      family.addCall(callId, parentId, operation)
    }
    return !isInside && !isAround
  })
}

/**
 * Without those that went through our gateway, which has recorded them, with more than a span knows. Told by the
 * address called, by the span under which the gateway got the call (its own, or that of the request inside it) or by
 * the id of the answer.
 */
async function notPassed(
  inferences: readonly Inference[],
  parts: ReceiverParts,
  { gateway }: Settings,
  tally: Tally,
): Promise<readonly Inference[]> {
  if (gateway === '' || inferences.length === 0) return inferences
  const keysOf = ({ span }: Inference) => {
    const callId = callIdOf(span)
    const responseId = responseIdOf(span.attributes)
    return [
      callId,
      ...parts.family.othersInside(callId),
      ...(responseId === '' ? [] : [responseId]),
    ]
  }
  const passed = await parts.passedGateway(inferences.flatMap(keysOf))
  return inferences.filter((inference) => {
    const isPassed =
      serverOf(inference.span.attributes) === gateway ||
      keysOf(inference).some((key) => passed.has(key))
    if (!isPassed) return true
    tally.ignore('recorded_by_gateway')
    noteCall(inference, parts)
    return false
  })
}

function noteCall({ span, operation }: Inference, { family }: ReceiverParts): void {
  family.addCall(callIdOf(span), parentIdOf(span), operation)
}

function resultOf(
  inference: Inference,
  parts: ReceiverParts,
  settings: Settings,
  tally: Tally,
): { readonly call: Call; readonly scores: readonly Score[] } {
  const { span } = inference
  const beside = parts.beside.of(callIdOf(span))
  const content = span.events.filter((event) => isContentEvent(event.name))
  const call = callOf({ ...inference, events: [...content, ...beside.events] }, settings)
  const evaluations = [...evaluationsOf(span), ...beside.evaluations].filter((evaluation) => {
    const isNamed = evaluationName(evaluation) !== ''
    if (!isNamed) tally.warn(unnamed)
    return isNamed
  })
  return {
    call,
    scores: evaluations.map((evaluation) => scoreOf(evaluation, knownCall(call), settings)),
  }
}

/** What is said of an evaluation that cannot be told from others. */
export const unnamed = 'an evaluation has no gen_ai.evaluation.name: set it'

function evaluationsOf(span: Span): Evaluation[] {
  const events = span.events
    .filter((event) => event.name === evaluationEvent)
    .map(({ timeUnixNano, attributes }) => ({ timeMs: timeUnixNano, attributes }))
  return [...events, ...flattenedEvaluations(span.attributes, span.endTimeUnixNano)]
}

function problemOf(
  span: Span,
  nowMs: number,
): { readonly reason: string; readonly message: string } | null {
  if (!isId(span.traceId, 32) || !isId(span.spanId, 16)) {
    return {
      reason: 'bad_id',
      message: 'a trace id is 32 hex digits and a span id 16, not all zero',
    }
  }
  const { startTimeUnixNano: startMs, endTimeUnixNano: endMs } = span
  if (!(endMs >= startMs)) {
    return { reason: 'bad_time', message: 'a span ends before it starts' }
  }
  return timeProblem('a span is', startMs, nowMs)
}

/** Whether it is so many hex digits, not all of them zero. */
export function isId(text: string, digits: number): boolean {
  return text.length === digits && /^[\da-f]+$/.test(text) && /[^0]/.test(text)
}
