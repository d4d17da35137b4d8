// What the emulated model server reads and writes: OpenAI's bodies in vLLM's shapes.
import { z } from 'zod'
import { UserError } from '../records/failure.ts'

const textPart = z.looseObject({ type: z.string(), text: z.string().optional() })

const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(textPart), z.null()]).optional(),
})

const generation = {
  model: z.string(),
  max_tokens: z.int().min(0).nullish(),
  max_completion_tokens: z.int().min(0).nullish(),
  ignore_eos: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
}

export const chatRequest = z.looseObject({ ...generation, messages: z.array(message).min(1) })

export const completionRequest = z.looseObject({
  ...generation,
  prompt: z.union([z.string(), z.array(z.string()).length(1)]),
})

export const embeddingRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1)]),
  dimensions: z.int().min(1).max(4_096).optional(),
})

export type ChatRequest = z.infer<typeof chatRequest>
export type CompletionRequest = z.infer<typeof completionRequest>

/** A body checked against one of the schemas above; the error names the first wrong field. */
export function parseBody<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new UserError(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`)
}

/** The text of each message, with content parts joined. */
export function messageTexts(request: ChatRequest): string[] {
  return request.messages.map(({ content }) => {
    if (typeof content === 'string') return content
    return (content ?? []).map((part) => part.text ?? '').join(' ')
  })
}

/** Number of whitespace-separated words: the lab's token. */
export function countWords(text: string): number {
  let words = 0
  let inWord = false
  for (let index = 0; index < text.length; index += 1) {
    const blank = text.charCodeAt(index) <= 32
    if (!blank && !inWord) words += 1
    inWord = !blank
  }
  return words
}

export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
}

/** One answer's constant parts and the way its pieces are written. */
export interface Dialect {
  readonly object: string
  readonly chunkObject: string
  readonly idPrefix: string
  /** Sent before any token, or absent. */
  readonly opening: string | null
  /** The choice of a chunk that carries a token, split around the token's JSON text. */
  readonly token: readonly [string, string]
  finish(reason: string): string
  choice(text: string, reason: string): unknown
}

export const chatDialect: Dialect = {
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  idPrefix: 'chatcmpl-',
  opening:
    '[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]',
  token: ['[{"index":0,"delta":{"content":', '},"logprobs":null,"finish_reason":null}]'],
  finish: (reason) =>
    `[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"${reason}","stop_reason":null}]`,
  choice: (text, reason) => ({
    index: 0,
    message: {
      role: 'assistant',
      content: text,
      refusal: null,
      tool_calls: [],
      reasoning_content: null,
    },
    logprobs: null,
    finish_reason: reason,
    stop_reason: null,
  }),
}

export const completionDialect: Dialect = {
  object: 'text_completion',
  chunkObject: 'text_completion',
  idPrefix: 'cmpl-',
  opening: null,
  token: ['[{"index":0,"text":', ',"logprobs":null,"finish_reason":null,"stop_reason":null}]'],
  finish: (reason) =>
    `[{"index":0,"text":"","logprobs":null,"finish_reason":"${reason}","stop_reason":null}]`,
  choice: (text, reason) => ({
    index: 0,
    text,
    logprobs: null,
    finish_reason: reason,
    stop_reason: null,
    prompt_logprobs: null,
  }),
}

/** The usage object of OpenAI's answers. */
export function usageBody(usage: Usage): Readonly<Record<string, unknown>> {
  return {
    prompt_tokens: usage.promptTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    completion_tokens: usage.completionTokens,
    prompt_tokens_details: usage.cachedTokens > 0 ? { cached_tokens: usage.cachedTokens } : null,
  }
}
