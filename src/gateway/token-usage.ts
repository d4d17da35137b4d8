import type { UsageSource } from '../records/call.ts'
import type { AnswerReading } from './openai/answer-reading.ts'
import { isRecord } from './openai/answer-reading.ts'
import type { InferenceRequest } from './openai/inference-request.ts'
import { textOf } from './openai/inference-request.ts'
import type { TokenCounter } from './token-counter.ts'
import { countedLength } from './token-counter.ts'

export interface TokenUsage {
  readonly promptTokens: number | null
  readonly cachedTokens: number | null
  readonly completionTokens: number | null
  readonly source: UsageSource
}

/** Nothing was sent to a model, so nothing was used that anyone could count. */
export const noUsage: TokenUsage = {
  promptTokens: null,
  cachedTokens: null,
  completionTokens: null,
  source: 'none',
}

/** The engine's own counts, or else counts of the text: `counted` when all of it is known, `estimated` otherwise. */
export async function tokenUsage(
  request: InferenceRequest,
  reading: AnswerReading,
  counter: TokenCounter,
): Promise<TokenUsage> {
  if (reading.usage !== null) return { ...reading.usage, source: 'upstream' }
  const prompt = promptTexts(request)
  const answer = reading.generated.slice(0, countedLength)
  const promptText = prompt.text.slice(0, countedLength)
  const counts = await counter.count([promptText, answer])
  const isCounted =
    counts !== null &&
    prompt.isWhole &&
    reading.isWhole &&
    prompt.text.length === promptText.length &&
    reading.generatedLength === answer.length
  const isEmbedding = request.operation === 'embedding'
  return {
    promptTokens: scaled(counts?.[0], promptText.length, prompt.text.length),
    cachedTokens: null,
    completionTokens: isEmbedding
      ? null
      : scaled(counts?.[1], answer.length, reading.generatedLength),
    source: isCounted ? 'counted' : 'estimated',
  }
}

/** Tokens of the whole from those of its beginning; a token is about four characters where nothing was counted. */
function scaled(counted: number | undefined, countedChars: number, chars: number): number {
  if (counted === undefined || countedChars === 0) return Math.ceil(chars / 4)
  return Math.round((counted * chars) / countedChars)
}

/** Longest prompt that is parsed to find its text; of a longer one the JSON itself is measured. */
const parseLimitBytes = 2 ** 20

/** The text of a prompt without its JSON; `isWhole` is false where parts are not text (images, token ids). */
function promptTexts(request: InferenceRequest): { text: string; isWhole: boolean } {
  const field =
    request.operation === 'chat'
      ? 'messages'
      : request.operation === 'completion'
        ? 'prompt'
        : 'input'
  const range = request.fields.get(field)
  if (range === undefined) return { text: '', isWhole: true }
  if (range.end - range.start > parseLimitBytes) {
    return {
      text: textOf(request.body, { start: range.start, end: range.start + countedLength }),
      isWhole: false,
    }
  }
  const texts: string[] = []
  const isWhole = collectText(JSON.parse(textOf(request.body, range)), texts)
  return { text: texts.join('\n'), isWhole }
}

/** Collects strings under `content`, `text` and in lists; returns whether that was everything. */
function collectText(value: unknown, texts: string[]): boolean {
  if (typeof value === 'string') {
    texts.push(value)
    return true
  }
  if (Array.isArray(value)) return value.map((item) => collectText(item, texts)).every(Boolean)
  if (!isRecord(value)) return value === null
  const inner = value['content'] ?? value['text']
  if (inner === undefined) return false
  return collectText(inner, texts)
}
