import { probesProject } from '../records/control-project.ts'
import type { Call, CallOutcome } from '../records/call.ts'
import type { ExtraPattern } from '../redaction/detector.ts'
import { redact } from '../redaction/redact.ts'
import { redactedWithin, redactionOverlap } from '../redaction/redacted-within.ts'
import type { CallFacts } from './call-facts.ts'
import type { AnswerReading } from './openai/answer-reading.ts'
import { emptyReading } from './openai/answer-reading.ts'
import { decodedBody } from './openai/decoded-body.ts'
import { textOf } from './openai/inference-request.ts'
import type { Verdict } from './openai/stream-meter.ts'
import { readWholeAnswer } from './openai/whole-answer.ts'
import type { TokenCounter } from './token-counter.ts'
import { noUsage, tokenUsage } from './token-usage.ts'

/** Makes the record of a call that is over. Runs after the client has its last byte. */
export async function callRecord(facts: CallFacts, counter: TokenCounter): Promise<Call> {
  const { verdict, reading } = readAnswer(facts)
  facts.responseId = reading.responseId
  const isDispatched = facts.copy !== '' && facts.request !== null
  const hasAnswer = isDispatched && (facts.stream !== null || facts.status < 400)
  const usage =
    hasAnswer && facts.request !== null
      ? await tokenUsage(facts.request, reading, counter)
      : noUsage
  const { component, model, modelVersion, probability, streaming } = identity(facts)
  const { status, outcome, errorType, errorMessage } = ending(facts, verdict)
  const pace = times(facts, reading, usage.source === 'estimated' ? null : usage.completionTokens)
  const text = texts(facts, reading)
  // One literal: every call makes one, and spreading the parts together costs several times as much.
  return {
    project: projectOf(facts),
    callId: facts.callId,
    traceId: facts.traceId,
    spanId: facts.spanId,
    startedAtMs: facts.startedAtMs,
    model,
    component,
    copy: facts.copy,
    route: facts.routeName,
    tenant: facts.tenant,
    operation: facts.operation,
    streaming,
    status,
    outcome,
    errorType,
    errorMessage,
    finishReason: reading.finishReason.slice(0, 64),
    queueSeconds: pace.queueSeconds,
    ttftSeconds: pace.ttftSeconds,
    tpotSeconds: pace.tpotSeconds,
    totalSeconds: pace.totalSeconds,
    promptTokens: usage.promptTokens,
    cachedTokens: usage.cachedTokens,
    completionTokens: usage.completionTokens,
    usageSource: usage.source,
    modelVersion,
    engineVersion: '',
    promptTemplate: facts.template,
    promptVersion: facts.templateVersion,
    samplingProbability: probability,
    sampled: facts.isSampled,
    prompt: text.prompt,
    answer: text.answer,
    attributes: text.attributes,
    machine: facts.machine,
  }
}

/** Probes are kept apart, so that no number about users' calls can count one. */
function projectOf({ generation, isProbe }: CallFacts): string {
  const { project } = generation.config
  return isProbe ? probesProject(project) : project
}

function readAnswer(facts: CallFacts): { verdict: Verdict | null; reading: AnswerReading } {
  if (facts.stream !== null) {
    return { verdict: facts.stream.verdict(), reading: facts.stream.reading() }
  }
  if (facts.outcome !== 'success') return { verdict: null, reading: emptyReading }
  if (!facts.isBodyWhole) return { verdict: null, reading: { ...emptyReading, isWhole: false } }
  const limit = Math.max(65_536, facts.generation.config.gateway.captureSize)
  return readWholeAnswer(decodedBody(facts.body, facts.bodyEncoding), limit)
}

function identity({ route, request, generation, samplingProbability }: CallFacts) {
  return {
    model: route?.model ?? '',
    component: route?.component.name ?? '',
    modelVersion: route?.component.modelVersion ?? '',
    probability: samplingProbability ?? generation.config.gateway.sampling,
    streaming: request?.streaming ?? false,
  }
}

/** Statuses of a server that mean the request was wrong, not the server. */
const clientFaults = new Set([400, 413, 415, 422])

function ending(facts: CallFacts, verdict: Verdict | null) {
  const outcome = facts.outcome ?? 'client_cancelled'
  const base = {
    status: facts.status,
    outcome,
    errorType: facts.errorType,
    errorMessage: facts.errorMessage,
  }
  if (outcome !== 'success') return { ...base, errorMessage: bounded(base.errorMessage, facts) }
  if (facts.status === 204 || facts.status === 304) {
    return { ...base, outcome: 'upstream_error' as const, errorType: 'no_answer' }
  }
  if (facts.status >= 300) {
    const refusedBy: CallOutcome = clientFaults.has(facts.status)
      ? 'invalid_request'
      : 'upstream_error'
    const message = bounded(verdict?.message ?? '', facts)
    return {
      ...base,
      outcome: refusedBy,
      errorType: `upstream_${facts.status}`,
      errorMessage: message,
    }
  }
  if (verdict === null || verdict.outcome === 'success') return base
  const errorMessage = bounded(verdict.message, facts)
  return { ...base, outcome: verdict.outcome, errorType: verdict.code, errorMessage }
}

/** Servers quote requests in their errors, so these are redacted too. */
function bounded(message: string, facts: CallFacts): string {
  return redact(message.slice(0, 500), facts.generation.redactionPatterns).text
}

function times(facts: CallFacts, reading: AnswerReading, completionTokens: number | null) {
  const { arrivedAt, grantedAt, endedAt } = facts
  const { firstTokenAt, lastTokenAt, tokenEvents, engineTpotSeconds } = reading
  return {
    queueSeconds: grantedAt === null ? null : (grantedAt - arrivedAt) / 1_000,
    ttftSeconds: firstTokenAt === null ? null : (firstTokenAt - arrivedAt) / 1_000,
    // One event for many tokens says nothing about their pace.
    tpotSeconds:
      firstTokenAt === null ||
      lastTokenAt === null ||
      tokenEvents < 2 ||
      (completionTokens ?? 0) < 2
        ? engineTpotSeconds
        : (lastTokenAt - firstTokenAt) / 1_000 / ((completionTokens ?? 0) - 1),
    totalSeconds: (endedAt - arrivedAt) / 1_000,
  }
}

const promptFields = { chat: 'messages', completion: 'prompt', embedding: 'input' } as const

function texts(facts: CallFacts, reading: AnswerReading) {
  const { request, generation } = facts
  const { capture, captureSize } = generation.config.gateway
  const patterns = generation.redactionPatterns
  const isCaptured = capture === 'all' || (capture === 'sampled' && facts.isSampled)
  return {
    prompt: isCaptured
      ? redactedWithin(promptOf(facts, captureSize + redactionOverlap), captureSize, patterns)
      : '',
    answer: isCaptured ? redactedWithin(reading.answer, captureSize, patterns) : '',
    attributes: redactedAttributes(request?.metadata ?? {}, patterns),
  }
}

function promptOf(facts: CallFacts, maxBytes: number): string {
  const { request, operation } = facts
  const range = request?.fields.get(promptFields[operation])
  if (request === null || range === undefined) return ''
  return textOf(request.body, {
    start: range.start,
    end: Math.min(range.end, range.start + maxBytes),
  })
}

function redactedAttributes(
  metadata: Readonly<Record<string, string>>,
  patterns: readonly ExtraPattern[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      redact(key, patterns).text,
      redact(value, patterns).text,
    ]),
  )
}
