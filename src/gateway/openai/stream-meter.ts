import type { CallOutcome } from '../../records/call.ts'
import type { AnswerReading, Usage } from './answer-reading.ts'
import {
  emptyReading,
  isRecord,
  readInBandError,
  readResponseId,
  usageOf,
} from './answer-reading.ts'
import { generatedText } from './generated-text.ts'
import { eventData } from './sse.ts'

export interface Verdict {
  readonly outcome: Extract<CallOutcome, 'success' | 'upstream_error' | 'truncated'>
  readonly code: string
  readonly message: string
}

export interface StreamMeter {
  /**
   * Reads one event (`null`: too large to read) that arrived at `atMs`, monotonic milliseconds.
   * `false`: the event must not reach the client.
   */
  see(event: Buffer | null, atMs: number): boolean
  /** Whether the end marker `[DONE]` was seen. */
  isDone(): boolean
  /** What the stream was, had it ended here. */
  verdict(): Verdict
  reading(): AnswerReading
}

export interface StreamMeterOptions {
  /** Answers asked for; each must finish. */
  readonly choices: number
  /** Hide the usage-only event, because the gateway asked for it and not the client. */
  readonly hidesUsage: boolean
  /** Longest text kept, in UTF-16 units. */
  readonly textLimit: number
}

/** What has been seen of the stream so far. */
interface Progress {
  readonly options: StreamMeterOptions
  readonly seen: Set<number>
  readonly finished: Set<number>
  usage: Usage | null
  finishReason: string
  responseId: string
  answer: string
  generated: string
  generatedLength: number
  isWhole: boolean
  firstTokenAt: number | null
  lastTokenAt: number | null
  tokenEvents: number
  isDone: boolean
  /** Start of the first event that was no JSON object. */
  malformed: string
  inBandError: string | null
}

/** Reads the events of a chat or completion stream beside their way to the client. */
export function createStreamMeter(options: StreamMeterOptions): StreamMeter {
  const progress: Progress = {
    ...emptyReading,
    options,
    seen: new Set(),
    finished: new Set(),
    isDone: false,
    malformed: '',
    inBandError: null,
  }
  return {
    see: (event, atMs) => see(progress, event, atMs),
    isDone: () => progress.isDone,
    verdict: () => verdictOf(progress),
    // The gateway times a stream itself.
    reading: () => ({ ...progress, engineTpotSeconds: null }),
  }
}

function see(progress: Progress, event: Buffer | null, atMs: number): boolean {
  if (event === null) {
    progress.isWhole = false
    seeToken(progress, atMs)
    return true
  }
  const data = eventData(event)
  if (data === null || data === '') return true
  if (data.trim() === '[DONE]') {
    progress.isDone = true
    return true
  }
  const parsed = parseObject(data)
  if (parsed !== null) return seeObject(progress, parsed, atMs)
  progress.malformed ||= data.slice(0, 80)
  progress.isWhole = false
  return true
}

function seeObject(
  progress: Progress,
  event: Readonly<Record<string, unknown>>,
  atMs: number,
): boolean {
  progress.responseId ||= readResponseId(event)
  progress.inBandError ??= readInBandError(event)
  const usage = usageOf(event)
  // Values are cumulative where an engine repeats them, so the last one stands.
  progress.usage = usage ?? progress.usage
  const choices: unknown = event['choices']
  if (!Array.isArray(choices)) return true
  let addsText = false
  for (const choice of choices) addsText = seeChoice(progress, choice) || addsText
  if (addsText) seeToken(progress, atMs)
  const isUsageOnly = usage !== null && choices.length === 0
  return !(isUsageOnly && progress.options.hidesUsage)
}

/** Returns whether the choice added text. */
function seeChoice(progress: Progress, choice: unknown): boolean {
  if (!isRecord(choice)) return false
  const index = typeof choice['index'] === 'number' ? choice['index'] : 0
  progress.seen.add(index)
  if (typeof choice['finish_reason'] === 'string') {
    progress.finishReason = choice['finish_reason']
    progress.finished.add(index)
  }
  const { content, hidden } = generatedText(choice)
  const { textLimit } = progress.options
  progress.generatedLength += content.length + hidden.length
  if (index === 0 && progress.answer.length < textLimit) progress.answer += content
  if (progress.generated.length < textLimit) progress.generated += hidden + content
  return content !== '' || hidden !== ''
}

function seeToken(progress: Progress, atMs: number): void {
  progress.firstTokenAt ??= atMs
  progress.lastTokenAt = atMs
  progress.tokenEvents += 1
}

function verdictOf(progress: Progress): Verdict {
  const { seen, finished, isDone, malformed, inBandError, options } = progress
  if (inBandError !== null) return failed('upstream_error', 'upstream_stream_error', inBandError)
  const isFinished = seen.size > 0 && finished.size >= Math.max(seen.size, options.choices)
  if (!isDone && !isFinished) {
    return failed('truncated', 'upstream_truncated', 'the stream ended before its end marker')
  }
  if (malformed !== '') {
    return failed('upstream_error', 'malformed_stream', `an event is not JSON: ${malformed}`)
  }
  if (seen.size === 0 && progress.isWhole) {
    return failed('upstream_error', 'empty_stream', 'the stream holds no choice')
  }
  return { outcome: 'success', code: '', message: '' }
}

function failed(outcome: 'upstream_error' | 'truncated', code: string, message: string): Verdict {
  return { outcome, code, message }
}

function parseObject(data: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(data)
    return isRecord(parsed) ? parsed : null
  } catch {
    return null
  }
}
