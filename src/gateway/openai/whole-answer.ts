import { ollamaTimings } from '../../vocabulary/ollama-timings.ts'
import type { AnswerReading } from './answer-reading.ts'
import {
  emptyReading,
  isRecord,
  readInBandError,
  readResponseId,
  usageOf,
} from './answer-reading.ts'
import { generatedText } from './generated-text.ts'
import type { Verdict } from './stream-meter.ts'
import { topLevelFields } from './top-level-fields.ts'

export interface WholeAnswer {
  readonly verdict: Verdict
  readonly reading: AnswerReading
}

/** Larger answers (batches of embeddings) are scanned for `usage` instead of parsed. */
const parseLimitBytes = 2 ** 20

const success: Verdict = { outcome: 'success', code: '', message: '' }

/**
 * Reads a JSON answer that did not come as a stream.
 * @param textLimit longest text kept, in UTF-16 units
 */
export function readWholeAnswer(body: Buffer, textLimit: number): WholeAnswer {
  const answer = body.length <= parseLimitBytes ? parse(body) : scan(body)
  if (!isRecord(answer)) {
    const message = body.length === 0 ? 'the answer is empty' : 'the answer is not a JSON object'
    return {
      verdict: { outcome: 'upstream_error', code: 'malformed_answer', message },
      reading: emptyReading,
    }
  }
  const error = readInBandError(answer)
  return {
    verdict:
      error === null
        ? success
        : { outcome: 'upstream_error', code: 'upstream_answer_error', message: error },
    reading: readChoices(answer, textLimit),
  }
}

function readChoices(answer: Readonly<Record<string, unknown>>, textLimit: number): AnswerReading {
  const list: readonly unknown[] = Array.isArray(answer['choices']) ? answer['choices'] : []
  const choices = list.filter(isRecord)
  const texts = choices.map(generatedText)
  const generated = texts.map(({ content, hidden }) => hidden + content).join('')
  const reasons = choices.map((choice) => choice['finish_reason'])
  const finishReason = reasons.find((reason) => typeof reason === 'string')
  return {
    ...emptyReading,
    usage: usageOf(answer),
    responseId: readResponseId(answer),
    engineTpotSeconds: ollamaTimings(answer)?.tpotSeconds ?? null,
    finishReason: typeof finishReason === 'string' ? finishReason : '',
    answer: texts[0]?.content.slice(0, textLimit) ?? '',
    generated: generated.slice(0, textLimit),
    generatedLength: generated.length,
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

function scan(body: Buffer): unknown {
  const fields = topLevelFields(body)
  if (fields === null) return null
  const range = fields.get('usage')
  return range === undefined ? {} : { usage: parse(body.subarray(range.start, range.end)) }
}
