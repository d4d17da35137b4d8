// Authentication and authorisation: who asks, and whether that is enough.
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { UserError } from '../records/failure.ts'
import { isLoopback, isSameOrigin } from './access/origin.ts'
import { mayAccess, type Access, type Principal } from './access/role-table.ts'
import { createSessions, sessionSeconds, type Sessions } from './access/sessions.ts'
import { createTokenGate, roleTooSmall, type TokenGate } from './access/token-gate.ts'
import { bearerOf, type Token } from './access/tokens.ts'
import type { ApiContext } from './context.ts'
import type { ApiEnv } from './http.ts'

const cookieName = 'equipoise_session'
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

export interface Auth {
  /** Lets a request through to a route, or refuses it with 401, 403 or 429. */
  guard(access: Access): MiddlewareHandler<ApiEnv>
  /** Who asks on a public route; throws when a token is presented and wrong. */
  whoAsks(c: Context<ApiEnv>): Principal | null
  /** Checks a token and sets the session cookie. */
  logIn(c: Context<ApiEnv>, token: string): Principal
  logOut(c: Context<ApiEnv>): void
}

/**
 * @param context whose configuration holds the tokens; edits count from the next request on
 * @param gate shared with the other listeners
 */
export function createAuth(
  context: Pick<ApiContext, 'config' | 'now'>,
  gate: TokenGate = createTokenGate(context),
): Auth {
  const sessions = createSessions(context.now)
  const parts = { config: context.config, sessions, gate }
  return {
    guard: (access) => async (c, next) => {
      c.set('principal', authorise(parts, c, access))
      await next()
    },
    whoAsks: (c) => identify(parts, c),
    logIn: (c, presented) => {
      if (isOpen(parts)) return everyone
      const token = checkedToken(parts, c, presented)
      if (token.role === 'ingest') {
        throw new UserError(
          `the token of "${token.name}" only writes: log in with one of role viewer or above`,
          { status: 403, code: 'role_too_small' },
        )
      }
      const id = sessions.open(token)
      setCookie(c, cookieName, id, {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        maxAge: sessionSeconds,
        secure: cameByTls(c),
      })
      return { name: token.name, role: token.role, via: 'session' }
    },
    logOut: (c) => {
      const id = getCookie(c, cookieName)
      if (id !== undefined) sessions.end(id)
      deleteCookie(c, cookieName, { path: '/', secure: cameByTls(c) })
    },
  }
}

interface Parts {
  readonly config: ApiContext['config']
  readonly sessions: Sessions
  readonly gate: TokenGate
}

function identify(parts: Parts, c: Context<ApiEnv>): Principal | null {
  if (isOpen(parts)) return everyone
  const { tokens } = parts.config().server
  const presented = bearerOf(c.req.header('authorization'))
  if (presented !== undefined) {
    const token = checkedToken(parts, c, presented)
    return { name: token.name, role: token.role, via: 'token' }
  }
  const session = getCookie(c, cookieName)
  const token = session === undefined ? undefined : parts.sessions.find(session, tokens)
  return token === undefined ? null : { name: token.name, role: token.role, via: 'session' }
}

function checkedToken(parts: Parts, c: Context<ApiEnv>, presented: string): Token {
  const seen = parts.gate.look(addressOf(c), presented)
  if (seen.kind === 'known') return seen.token
  if (seen.waitMs > 0) c.header('Retry-After', String(Math.ceil(seen.waitMs / 1_000)))
  throw seen.error
}

function authorise(parts: Parts, c: Context<ApiEnv>, access: Access): Principal | null {
  const needsNobody =
    access === 'public' || (access === 'viewer_or_loopback' && isLoopback(hostOf(parts)))
  const principal = needsNobody ? null : identify(parts, c)
  if (!safeMethods.includes(c.req.method) && principal?.via !== 'token') refuseOtherSites(c)
  if (needsNobody) return null
  if (principal === null) {
    throw new UserError(
      'this needs a token: send "Authorization: Bearer <token>", or log in on the page',
      { status: 401, code: 'token_missing' },
    )
  }
  if (!mayAccess(access, principal.role)) throw roleTooSmall(principal, access)
  return principal
}

const everyone: Principal = { name: 'local', role: 'admin', via: 'open' }

/** Without tokens everyone who can connect is admin, and that must be this machine alone. */
function isOpen(parts: Parts): boolean {
  return parts.config().server.tokens.length === 0 && isLoopback(hostOf(parts))
}

function hostOf(parts: Parts): string {
  return parts.config().server.host
}

/** A cookie, or being on this machine, is no proof of intent: any page open in the same browser has both. */
function refuseOtherSites(c: Context<ApiEnv>): void {
  const same = isSameOrigin({
    host: c.req.header('host') ?? new URL(c.req.url).host,
    origin: c.req.header('origin'),
    secFetchSite: c.req.header('sec-fetch-site'),
  })
  if (!same) {
    throw new UserError(
      'this request comes from a page of another site: use Equipoise’s own page, or a bearer token',
      { status: 403, code: 'other_site' },
    )
  }
}

/** Only makes the cookie stricter, so a forged header gains nothing. */
function cameByTls(c: Context<ApiEnv>): boolean {
  return new URL(c.req.url).protocol === 'https:' || c.req.header('x-forwarded-proto') === 'https'
}

function addressOf(c: Context<ApiEnv>): string {
  return c.env?.incoming?.socket.remoteAddress ?? 'unknown'
}
