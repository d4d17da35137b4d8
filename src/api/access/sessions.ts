// Browser sessions: a random id in a cookie stands for the token that logged in. Kept in memory, so a restart logs out.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { secretDigest, type Token } from './tokens.ts'

interface Entry {
  readonly tokenName: string
  readonly tokenDigest: Buffer
  readonly expiresAtMs: number
}

const mostSessions = 1_000

/** How long a session lasts, seconds. */
export const sessionSeconds = 12 * 3_600

export interface Sessions {
  /** Starts a session for a token and gives its id. */
  open(token: Token): string
  /** The token behind a session, as long as the configuration still holds it unchanged. */
  find(id: string, tokens: readonly Token[]): Token | undefined
  end(id: string): void
}

/** @param now epoch milliseconds */
export function createSessions(now: () => number): Sessions {
  // Keyed by digest: the map's lookup time says nothing about the ids themselves.
  const entries = new Map<string, Entry>()
  return {
    open: (token) => {
      const id = randomBytes(32).toString('base64url')
      entries.set(keyOf(id), {
        tokenName: token.name,
        tokenDigest: secretDigest(token.token),
        expiresAtMs: now() + sessionSeconds * 1_000,
      })
      if (entries.size > mostSessions) entries.delete(entries.keys().next().value ?? '')
      return id
    },
    find: (id, tokens) => {
      const entry = entries.get(keyOf(id))
      if (entry === undefined) return undefined
      if (entry.expiresAtMs <= now()) {
        entries.delete(keyOf(id))
        return undefined
      }
      return tokens.find(
        (token) =>
          token.name === entry.tokenName &&
          timingSafeEqual(secretDigest(token.token), entry.tokenDigest),
      )
    },
    end: (id) => {
      entries.delete(keyOf(id))
    },
  }
}

const keyOf = (id: string) => secretDigest(id).toString('base64')
