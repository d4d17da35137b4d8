// Log records: verdicts become scores, content joins the span that it belongs to; all others are not meant for us.
import { RetryableError } from '../../records/failure.ts'
import type { Score } from '../../records/score.ts'
import { detailsEvent, isContentEvent, type ContentEvent } from './conversation.ts'
import { evaluationEvent, evaluationName, scoreOf, type Evaluation } from './evaluation.ts'
import { asText, isMap, textOf } from './facts.ts'
import { names } from './names.ts'
import type { ReceiverParts } from './parts.ts'
import type { KnownCall } from './recent-calls.ts'
import { scoreId } from './score-id.ts'
import type { Settings } from './settings.ts'
import { callIdOf } from './span-call.ts'
import { createTally, type Tally } from './tally.ts'
import type { WaitingVerdict } from './waiting-verdicts.ts'
import { timeProblem } from './times.ts'
import { isId, unnamed } from './traces.ts'
import type { Attributes } from './wire/any-value.ts'
import type { Outcome } from './wire/export-answer.ts'
import type { LogRecord, LogsRequest } from './wire/log-messages.ts'

/** Resolves once all verdicts of the request are durable. What comes before its span waits for it. */
export async function receiveLogs(
  request: LogsRequest,
  parts: ReceiverParts,
  settings: Settings,
): Promise<Outcome> {
  const records = recordsOf(request)
  const stored = await storedCalls(records, parts)
  const pass: Pass = { parts, settings, tally: createTally('logs'), stored, waiting: [] }
  const scores = records.flatMap((record) => scoreOfRecord(record, pass) ?? [])
  if (pass.waiting.length > 0) await parts.waiting.add(pass.waiting, settings.patterns)
  for (const { callId, evaluation } of pass.waiting) {
    parts.beside.add(callId, { evaluations: [evaluation] }, sizeOf(evaluation.attributes))
  }
  const fresh = await parts.once.records('scores', scores, scoreId)
  return pass.tally.finish({ received: records.length, came: scores.length, fresh })
}

interface Pass {
  readonly parts: ReceiverParts
  readonly settings: Settings
  readonly tally: Tally
  /** Calls of this request's verdicts that only the store knows. */
  readonly stored: ReadonlyMap<string, KnownCall>
  /** Verdicts on calls that nobody knows yet. */
  readonly waiting: WaitingVerdict[]
}

/** While the store is away it knows none: verdicts that do not name their model wait then. */
async function storedCalls(
  records: readonly LogRecord[],
  { recent, findCalls }: ReceiverParts,
): Promise<ReadonlyMap<string, KnownCall>> {
  const ids = records
    .filter((record) => nameOf(record) === evaluationEvent)
    .map(spanOf)
    .filter((callId) => callId !== '' && recent.byCallId(callId) === undefined)
  if (ids.length === 0) return new Map()
  try {
    return await findCalls([...new Set(ids)])
  } catch (error) {
    if (error instanceof RetryableError) return new Map()
    throw error
  }
}

function nameOf(record: LogRecord): string {
  return record.eventName || textOf(record.attributes, ['event.name'])
}

function recordsOf(request: LogsRequest): LogRecord[] {
  return request.resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords),
  )
}

function scoreOfRecord(record: LogRecord, pass: Pass): Score | null {
  const name = nameOf(record)
  if (name === evaluationEvent) return scoreOfEvaluation(record, pass)
  if (isContentEvent(name)) keepContent({ name, attributes: fieldsOf(record) }, record, pass)
  else pass.tally.ignore('no_gen_ai_event')
  return null
}

function keepContent(event: ContentEvent, record: LogRecord, { parts, settings, tally }: Pass) {
  if (settings.capture === 'none') return tally.ignore('text_not_captured')
  const callId = spanOf(record)
  if (callId === '') return tally.ignore('text_without_span')
  if (parts.recent.byCallId(callId) !== undefined) {
    tally.ignore('text_after_span')
    if (event.name === detailsEvent) {
      tally.warn(
        'the text of an inference came after its span, so it is not kept: export logs first',
      )
    }
    return
  }
  tally.ignore('joins_its_span')
  parts.beside.add(callId, { events: [event] }, sizeOf(event.attributes))
}

function scoreOfEvaluation(record: LogRecord, pass: Pass): Score | null {
  const { tally, settings } = pass
  const attributes = fieldsOf(record)
  const evaluation = { timeMs: timeOf(record) || settings.nowMs, attributes }
  const problem = timeProblem('a log record is', evaluation.timeMs, settings.nowMs)
  if (problem !== null) {
    tally.reject(problem.reason, problem.message)
    return null
  }
  if (evaluationName(evaluation) === '') {
    tally.reject('unnamed_evaluation', unnamed)
    return null
  }
  const call = calledBy(record, pass) ?? calledByName(evaluation, record, pass)
  if (call !== undefined) return scoreOf(evaluation, call, settings)
  const callId = spanOf(record)
  if (callId === '') {
    tally.reject(
      'evaluation_of_nothing',
      'an evaluation has neither a span nor the gen_ai.response.id of a call that came lately',
    )
    return null
  }
  tally.ignore('joins_its_span')
  pass.waiting.push({ callId, evaluation })
  return null
}

/** The call by its span, else by the id of its answer. */
function calledBy(record: LogRecord, { parts, stored }: Pass): KnownCall | undefined {
  const { recent } = parts
  const callId = spanOf(record)
  return (
    (callId === '' ? undefined : recent.byCallId(callId)) ??
    recent.byResponseId(textOf(fieldsOf(record), names.responseId)) ??
    stored.get(callId)
  )
}

/** A call that nobody knows yet, when the verdict itself says the model. */
function calledByName(
  { attributes, timeMs }: Evaluation,
  record: LogRecord,
  { settings }: Pass,
): KnownCall | undefined {
  const callId = spanOf(record)
  const model = textOf(attributes, [...names.requestModel, ...names.responseModel])
  if (callId === '' || model === '') return undefined
  const component = settings.componentOf(model)
  return {
    callId,
    model: (component?.model ?? model).slice(0, 200),
    component: component?.name ?? '',
    startedAtMs: Math.floor(timeMs),
    endedAtMs: timeMs,
  }
}

function spanOf(record: LogRecord): string {
  return isId(record.traceId, 32) && isId(record.spanId, 16) ? callIdOf(record) : ''
}

function timeOf(record: LogRecord): number {
  return record.timeUnixNano || record.observedTimeUnixNano
}

/** Older emitters put the fields into the body; attributes win. */
function fieldsOf({ attributes, body }: LogRecord): Attributes {
  return isMap(body) ? new Map([...Object.entries(body), ...attributes]) : attributes
}

export function sizeOf(attributes: Attributes): number {
  let size = 200
  for (const [key, value] of attributes) size += key.length + asText(value).length
  return size
}
