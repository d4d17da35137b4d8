import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../../config/schema.ts'

export type Token = Config['server']['tokens'][number]

/** Digest under which secrets are compared and remembered; equal lengths make the comparison constant in time. */
export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** The configured token that equals the one presented. Looks at all of them, so timing tells nothing. */
export function matchToken(tokens: readonly Token[], presented: string): Token | undefined {
  const digest = secretDigest(presented)
  let match: Token | undefined
  for (const token of tokens) {
    if (timingSafeEqual(secretDigest(token.token), digest)) match = token
  }
  return match
}

/** The token of an `Authorization: Bearer` header, or `undefined`. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1]
}
