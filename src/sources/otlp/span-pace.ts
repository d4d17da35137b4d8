// Times within an inference, as far as its span tells.
import { flagOf, numberOf } from './facts.ts'
import { names } from './names.ts'
import type { Span } from './wire/trace-messages.ts'

export interface SpanPace {
  readonly streaming: boolean
  readonly queueSeconds: number | null
  readonly ttftSeconds: number | null
  readonly tpotSeconds: number | null
  readonly totalSeconds: number
}

/** @param completionTokens of the answer; `null` = not known */
export function paceOf(span: Span, completionTokens: number | null): SpanPace {
  const { attributes } = span
  const totalSeconds = Math.max(0, secondsSinceStart(span, span.endTimeUnixNano))
  const within = (seconds: number | null) =>
    seconds === null || seconds < 0 || seconds > totalSeconds ? null : seconds
  const chunkSeconds = within(numberOf(attributes, names.firstChunk) ?? firstChunkEvent(span))
  const streaming = flagOf(attributes, names.streaming) ?? chunkSeconds !== null
  const ttftSeconds = chunkSeconds ?? within(numberOf(attributes, names.firstToken))
  return {
    streaming,
    queueSeconds: within(numberOf(attributes, names.queue)),
    ttftSeconds,
    tpotSeconds: perToken(
      within(numberOf(attributes, names.decode)) ??
        // The span of a stream ends with its last token.
        (streaming && ttftSeconds !== null ? totalSeconds - ttftSeconds : null),
      completionTokens,
    ),
    totalSeconds,
  }
}

function perToken(seconds: number | null, tokens: number | null): number | null {
  return seconds === null || tokens === null || tokens < 2 ? null : seconds / (tokens - 1)
}

/** Seconds from the start to the first chunk; OpenInference and OpenLLMetry write an event for it. */
function firstChunkEvent(span: Span): number | null {
  const first = span.events.find((event) => chunkEvents.has(event.name))
  return first === undefined ? null : secondsSinceStart(span, first.timeUnixNano)
}

/** To the microsecond, as times come. */
function secondsSinceStart(span: Span, timeMs: number): number {
  return Math.round((timeMs - span.startTimeUnixNano) * 1e3) / 1e6
}

const chunkEvents = new Set([
  'First Token Stream Event',
  'llm.content.completion.chunk',
  'gen_ai.content.completion.chunk',
])
