// From a request's body to what the engine is to do: which text is answered, how many tokens come out.
import { chatDialect, completionDialect, messageTexts } from './openai-wire.ts'
import type { ChatRequest, CompletionRequest, Dialect } from './openai-wire.ts'

export interface Generation {
  readonly dialect: Dialect
  readonly request: ChatRequest | CompletionRequest
  /** All text that counts as prompt. */
  readonly prompt: string
  /** The part that is answered. */
  readonly question: string
}

/** Answers the last user message; all messages count as prompt. */
export function chatGeneration(request: ChatRequest): Generation {
  const texts = messageTexts(request)
  const last = request.messages.findLastIndex(({ role }) => role === 'user')
  return { dialect: chatDialect, request, prompt: texts.join('\n'), question: texts[last] ?? '' }
}

/** Answers the whole prompt. */
export function completionGeneration(request: CompletionRequest): Generation {
  const prompt = [request.prompt].flat().join('')
  return { dialect: completionDialect, request, prompt, question: prompt }
}

export interface OutputLimits {
  readonly outputTokens: number
  readonly maxTokens: number
  readonly finishReason: 'stop' | 'length'
}

/** With `ignore_eos` exactly max_tokens come out; else the answer, cut at max_tokens. */
export function outputLimits(
  request: ChatRequest | CompletionRequest,
  answerLength: number,
): OutputLimits {
  const asked = request.max_completion_tokens ?? request.max_tokens ?? null
  const exact = request.ignore_eos === true && asked !== null
  const maxTokens = asked ?? answerLength
  const outputTokens = exact ? asked : Math.min(answerLength, maxTokens)
  const cut = exact || outputTokens < answerLength
  return { outputTokens, maxTokens, finishReason: cut ? 'length' : 'stop' }
}

/** The answer as tokens, each with the white space before it, said again and again where more are asked for. */
export function answerTokens(answer: string, count: number): string[] {
  const tokens = answer.match(/\s*\S+/g) ?? []
  return Array.from({ length: count }, (_, index) => {
    const token = tokens[index % tokens.length] ?? ''
    return index >= tokens.length && index % tokens.length === 0 ? ` ${token}` : token
  })
}
