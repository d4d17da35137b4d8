import { ollamaTimings } from '../../vocabulary/ollama-timings.ts'

/** Token counts as the engine itself reports them. */
export interface Usage {
  readonly promptTokens: number
  /** Part of the prompt that came from the prefix cache; `null` when the engine does not say. */
  readonly cachedTokens: number | null
  /** `null` for embeddings. */
  readonly completionTokens: number | null
}

/** What was learned from an answer, streamed or not. */
export interface AnswerReading {
  readonly usage: Usage | null
  readonly finishReason: string
  /** `id` of the answer; empty when it has none. */
  readonly responseId: string
  /** Content of the first choice, bounded. */
  readonly answer: string
  /** All that was generated (content, reasoning, tool arguments of every choice), bounded: what tokens are counted from. */
  readonly generated: string
  /** Length of all that was generated, in UTF-16 units, beyond the bound too. */
  readonly generatedLength: number
  /** Whether every piece of the answer could be read. */
  readonly isWhole: boolean
  /** Monotonic milliseconds of the first and last event with generated text; `null` without a stream. */
  readonly firstTokenAt: number | null
  readonly lastTokenAt: number | null
  /** Events with generated text. */
  readonly tokenEvents: number
  /** Pace of the tokens as the engine measured it, for an answer that did not come as a stream. */
  readonly engineTpotSeconds: number | null
}

/** An answer of which nothing is known. */
export const emptyReading: AnswerReading = {
  usage: null,
  finishReason: '',
  responseId: '',
  answer: '',
  generated: '',
  generatedLength: 0,
  isWhole: true,
  firstTokenAt: null,
  lastTokenAt: null,
  tokenEvents: 0,
  engineTpotSeconds: null,
}

/** The `id` of an answer or of a chunk of one. */
export function readResponseId({ id }: Readonly<Record<string, unknown>>): string {
  return typeof id === 'string' ? id.slice(0, 200) : ''
}

/** Narrows anything parsed from JSON to an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A `usage` object; `null` for a partial one or none: half a count is not a count. */
export function readUsage(value: unknown): Usage | null {
  if (!isRecord(value)) return null
  const promptTokens = countOf(value['prompt_tokens'])
  if (promptTokens === null) return null
  const completionTokens = countOf(value['completion_tokens'])
  // Embedding engines leave completion tokens out; a chat engine that does has sent half an object.
  const isEmbedding =
    value['completion_tokens'] === undefined && countOf(value['total_tokens']) === promptTokens
  if (completionTokens === null && !isEmbedding) return null
  const details = value['prompt_tokens_details']
  return {
    promptTokens,
    cachedTokens: isRecord(details) ? countOf(details['cached_tokens']) : null,
    completionTokens,
  }
}

/** What an answer says of its tokens: as OpenAI has it, else in Ollama's native fields where both counts are there. */
export function usageOf(answer: Readonly<Record<string, unknown>>): Usage | null {
  const usage = readUsage(answer['usage'])
  const timings = usage === null ? ollamaTimings(answer) : null
  if (timings === null || timings.promptTokens === null || timings.completionTokens === null) {
    return usage
  }
  const { promptTokens, completionTokens } = timings
  return { promptTokens, cachedTokens: null, completionTokens }
}

const maxCount = 2 ** 32 - 1

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxCount
    ? value
    : null
}

/** An error inside an answer of status 200: OpenAI's `error`, or vLLM's older `object: "error"`. */
export function readInBandError(event: Readonly<Record<string, unknown>>): string | null {
  const error = event['error'] ?? (event['object'] === 'error' ? event : undefined)
  if (error === undefined || error === null || error === false || error === '') return null
  const message = isRecord(error) ? error['message'] : error
  return typeof message === 'string' && message !== ''
    ? message
    : 'The model server reported an error.'
}
