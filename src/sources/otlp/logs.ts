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
  const pass: Pass = { parts, settings, tally: createTally('logs'), lookUps: 0, isStoreAway: false }
  const scores: Score[] = []
  for (const record of recordsOf(request)) {
    const score = await scoreOfRecord(record, pass)
    if (score !== null) scores.push(score)
  }
  const fresh = await parts.once.records('scores', scores, scoreId)
  const received = recordsOf(request).length
  return pass.tally.finish({ received, came: scores.length, fresh })
}

interface Pass {
  readonly parts: ReceiverParts
  readonly settings: Settings
  readonly tally: Tally
  lookUps: number
  /** A look-up of this request failed: the next would take as long to fail. */
  isStoreAway: boolean
}

/** Verdicts of one request on calls that only the store knows. */
const mostLookUps = 200

function recordsOf(request: LogsRequest): LogRecord[] {
  return request.resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords),
  )
}

async function scoreOfRecord(record: LogRecord, pass: Pass): Promise<Score | null> {
  const name = record.eventName || textOf(record.attributes, ['event.name'])
  if (name === evaluationEvent) return await scoreOfEvaluation(record, pass)
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

async function scoreOfEvaluation(record: LogRecord, pass: Pass): Promise<Score | null> {
  const { tally, settings, parts } = pass
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
  const named = calledByName(evaluation, record, pass)
  const call = (await calledBy(record, named !== undefined, pass)) ?? named
  if (call !== undefined) return scoreOf(evaluation, call, settings)
  const callId = spanOf(record)
  if (callId === '') {
    tally.reject(
      'evaluation_of_nothing',
      'an evaluation has neither a span nor the gen_ai.response.id of a call that came lately',
    )
    return null
  }
  if (pass.lookUps >= mostLookUps) {
    tally.reject(
      'too_many_look_ups',
      `more than ${mostLookUps} evaluations of older calls at once: send fewer, or with gen_ai.request.model`,
    )
    return null
  }
  tally.ignore('joins_its_span')
  await parts.waiting.add({ callId, evaluation }, settings.patterns)
  parts.beside.add(callId, { evaluations: [evaluation] }, sizeOf(attributes))
  return null
}

/**
 * The call by its span, else by the id of its answer.
 * @param isNamed whether the verdict says enough by itself: then it is taken while the store is away, too
 */
async function calledBy(
  record: LogRecord,
  isNamed: boolean,
  pass: Pass,
): Promise<KnownCall | undefined> {
  const { recent, findCall } = pass.parts
  const callId = spanOf(record)
  const known =
    (callId === '' ? undefined : recent.byCallId(callId)) ??
    recent.byResponseId(textOf(fieldsOf(record), names.responseId))
  if (known !== undefined || callId === '' || pass.lookUps >= mostLookUps) return known
  if (isNamed && pass.isStoreAway) return undefined
  pass.lookUps += 1
  try {
    return await findCall(callId)
  } catch (error) {
    if (!isNamed || !(error instanceof RetryableError)) throw error
    pass.isStoreAway = true
    return undefined
  }
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
