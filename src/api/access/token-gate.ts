// One look at each token that is presented, whichever listener it came by, so that guesses add up.
import type { Config } from '../../config/schema.ts'
import { UserError } from '../../records/failure.ts'
import { createAttempts } from './attempts.ts'
import { leastRole, type Access, type Principal } from './role-table.ts'
import { matchToken, type Token } from './tokens.ts'

export type TokenLook =
  | { readonly kind: 'known'; readonly token: Token }
  /** `waitMs` is above 0 when the address must wait before it may present another. */
  | { readonly kind: 'refused'; readonly error: UserError; readonly waitMs: number }

export interface TokenGate {
  look(address: string, presented: string): TokenLook
}

/** @param context whose configuration holds the tokens; `now` in epoch milliseconds */
export function createTokenGate(context: {
  readonly config: () => Config
  readonly now: () => number
}): TokenGate {
  const attempts = createAttempts(context.now)
  return {
    look(address, presented) {
      const waitMs = attempts.waitMs(address)
      if (waitMs > 0) return { kind: 'refused', error: tooManyAttempts(waitMs), waitMs }
      const token = matchToken(context.config().server.tokens, presented)
      if (token === undefined) {
        attempts.failed(address)
        return { kind: 'refused', error: unknownToken(), waitMs: 0 }
      }
      attempts.succeeded(address)
      return { kind: 'known', token }
    },
  }
}

/** What is said to somebody whose role is not enough. */
export function roleTooSmall(
  { name, role }: Pick<Principal, 'name' | 'role'>,
  access: Access,
): UserError {
  return new UserError(`"${name}" has role ${role}; this needs ${leastRole(access)} or above`, {
    status: 403,
    code: 'role_too_small',
  })
}

function tooManyAttempts(waitMs: number): UserError {
  return new UserError(
    `too many wrong tokens from this address: wait ${Math.ceil(waitMs / 1_000)} s`,
    { status: 429, code: 'too_many_attempts' },
  )
}

function unknownToken(): UserError {
  return new UserError('this token is not known: tokens are listed under server.tokens', {
    status: 401,
    code: 'token_unknown',
  })
}
