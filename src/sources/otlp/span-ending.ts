// How an inference ended, as far as its span tells.
import type { CallOutcome } from '../../records/call.ts'
import { countOf, textOf } from './facts.ts'
import { names } from './names.ts'
import type { Span } from './wire/trace-messages.ts'

export interface Ending {
  readonly outcome: CallOutcome
  /** 0 = the span does not say which status an error had. */
  readonly status: number
  readonly errorType: string
  readonly errorMessage: string
}

const errorCode = 2

/** An error is one that the span's status or `error.type` says; everything else is a success. */
export function endingOf(span: Span): Ending {
  const said = textOf(span.attributes, names.errorType)
  const status = statusOf(countOf(span.attributes, names.httpStatus) ?? Number(said))
  const isError = span.status?.code === errorCode || said !== '' || status >= 400
  if (isError) return failureOf(span, said, status)
  return { outcome: 'success', status: status || 200, errorType: '', errorMessage: '' }
}

function failureOf(span: Span, said: string, status: number): Ending {
  const thrown = span.events.find((event) => exceptionEvents.has(event.name))?.attributes
  const errorType = said || textOf(thrown ?? new Map(), ['exception.type']) || 'unknown'
  const errorMessage = span.status?.message || textOf(thrown ?? new Map(), ['exception.message'])
  const outcome = outcomeOf(status, `${errorType} ${errorMessage.slice(0, 200)}`)
  const told = status || (outcome === 'client_cancelled' ? 499 : 0)
  return { outcome, status: told, errorType, errorMessage }
}

const exceptionEvents = new Set(['exception', 'gen_ai.client.operation.exception'])

function statusOf(value: number): number {
  return Number.isInteger(value) && value >= 100 && value <= 599 ? value : 0
}

/** The status decides where there is one; else what the error is called. */
function outcomeOf(status: number, error: string): CallOutcome {
  if (status === 429) return 'rejected'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 499) return 'client_cancelled'
  if (status >= 500) return 'upstream_error'
  if (status >= 400) return 'invalid_request'
  return outcomesByName.find(([pattern]) => pattern.test(error))?.[1] ?? 'upstream_error'
}

const outcomesByName: readonly (readonly [RegExp, CallOutcome])[] = [
  [/rate.?limit|too.?many.?requests|quota|throttl/i, 'rejected'],
  [/time.?out|timed.?out|deadline/i, 'timeout'],
  [/cancel|abort/i, 'client_cancelled'],
  [/incomplete|premature|truncated/i, 'truncated'],
  [/bad.?request|invalid|unprocessable|not.?found|authenticat|permission/i, 'invalid_request'],
]
