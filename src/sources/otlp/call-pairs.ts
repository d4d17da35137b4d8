// The caller's own pairs of an inference and what has no column of its own.
import type { ExtraPattern } from '../../redaction/detector.ts'
import { redactedWithin } from '../../redaction/redacted-within.ts'
import { asText, isMap, structureOf, textOf, valueOf } from './facts.ts'
import { names } from './names.ts'
import { responseIdOf } from './response-id.ts'
import type { Attributes } from './wire/any-value.ts'

const mostPairs = 32
const mostKeyBytes = 100
const mostValueBytes = 4_096

/** Redacted and bounded; the caller's own metadata first, so that `reference` and `context` are never cut off. */
export function callPairs(
  attributes: Attributes,
  resource: Attributes,
  patterns: readonly ExtraPattern[],
): Readonly<Record<string, string>> {
  const metadata = structureOf(valueOf(attributes, names.metadata))
  const given = isMap(metadata) ? Object.entries(metadata) : []
  const all = [...given, ...associations(attributes), ...ownPairs(attributes, resource)]
    .map(([key, value]) => [key, asText(value)] as const)
    .filter(([key, value]) => key !== '' && value !== '')
  return Object.fromEntries(
    all
      .slice(0, mostPairs)
      .map(([key, value]) => [
        redactedWithin(key, mostKeyBytes, patterns),
        redactedWithin(value, mostValueBytes, patterns),
      ]),
  )
}

const associationPrefixes = ['traceloop.association.properties.', 'equipoise.attribute.']

function associations(attributes: Attributes) {
  return [...attributes].flatMap(([key, value]) => {
    const prefix = associationPrefixes.find((candidate) => key.startsWith(candidate))
    return prefix === undefined ? [] : [[key.slice(prefix.length), value] as const]
  })
}

function ownPairs(attributes: Attributes, resource: Attributes) {
  const own = {
    provider: textOf(attributes, names.provider).toLowerCase(),
    service: textOf(resource, names.service),
    session: textOf(attributes, names.session),
    user: textOf(attributes, names.user),
    response_id: responseIdOf(attributes),
    reasoning_tokens: textOf(attributes, names.reasoningTokens),
    cache_write_tokens: textOf(attributes, names.cacheWriteTokens),
    cost_usd: textOf(attributes, names.cost),
    tags: textOf(attributes, names.tags),
  }
  return Object.entries(own)
}
