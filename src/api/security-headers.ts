import type { MiddlewareHandler } from 'hono'
import { UserError } from '../records/failure.ts'
import { isLoopback, namesLoopback } from './access/origin.ts'
import type { ApiContext } from './context.ts'
import type { ApiEnv } from './http.ts'

/** On every answer. The page loads nothing from elsewhere and runs no script but its own files. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
}

/** Sets the headers above; routes may add their own. */
export function withSecurityHeaders(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value)
    if (c.req.path.startsWith('/api/')) c.header('Cache-Control', 'no-store')
    await next()
  }
}

/** Refuses requests under a foreign name on a loopback listener (DNS rebinding). */
export function checkHost(context: Pick<ApiContext, 'config'>): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host
    if (isLoopback(context.config().server.host) && !namesLoopback(host)) {
      throw new UserError(
        `host ${JSON.stringify(host.slice(0, 100))} is not this machine: use localhost or 127.0.0.1, or set server.host and server.tokens to serve other names`,
        { status: 421, code: 'wrong_host' },
      )
    }
    await next()
  }
}
