// Tokens of an inference.
import type { UsageSource } from '../../records/call.ts'
import { countOf } from './facts.ts'
import { names } from './names.ts'
import type { Attributes } from './wire/any-value.ts'

export interface SpanTokens {
  readonly promptTokens: number | null
  readonly cachedTokens: number | null
  readonly completionTokens: number | null
  readonly usageSource: UsageSource
}

/**
 * Cached tokens are part of the prompt's. A report with more cached than prompt tokens counted them beside
 * the prompt, as some providers do, so they are added.
 */
export function tokensOf(attributes: Attributes): SpanTokens {
  const total = countOf(attributes, names.totalTokens)
  const input = countOf(attributes, names.inputTokens)
  const output = countOf(attributes, names.outputTokens)
  const cachedTokens = countOf(attributes, names.cachedTokens)
  const written = countOf(attributes, names.cacheWriteTokens) ?? 0
  const reported = input ?? difference(total, output)
  const isOutside = reported !== null && cachedTokens !== null && cachedTokens > reported
  const promptTokens = isOutside ? reported + cachedTokens + written : reported
  const completionTokens = output ?? difference(total, input)
  const isKnown = promptTokens !== null || completionTokens !== null
  return {
    promptTokens,
    cachedTokens,
    completionTokens,
    usageSource: isKnown ? 'upstream' : 'none',
  }
}

function difference(total: number | null, part: number | null): number | null {
  return total === null || part === null || part > total ? null : total - part
}
