// The HTTP API and the page, as one web-standard application without a listener.
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { UserError } from '../records/failure.ts'
import { createTokenGate, type TokenGate } from './access/token-gate.ts'
import { createAuth } from './auth.ts'
import type { ApiContext } from './context.ts'
import type { ApiEnv, Route } from './http.ts'
import { createOtlpIntake, type OtlpIntake } from './otlp-intake.ts'
import { requestSeconds } from './prometheus/own-metrics.ts'
import { refuse, refuseUnknown, statusOf } from './refusal.ts'
import { apiRoutes } from './routes.ts'
import { checkHost, withSecurityHeaders } from './security-headers.ts'
import { staticFiles } from './static-files.ts'

const defaultMostBytes = 64 * 1_024

/** What the listeners of the hub have in common. */
export interface SharedParts {
  readonly gate: TokenGate
  readonly otlp: OtlpIntake
}

export function sharedParts(context: ApiContext): SharedParts {
  return { gate: createTokenGate(context), otlp: createOtlpIntake(context) }
}

/** Everything that listens on the hub's port. */
export function createApp(
  context: ApiContext,
  shared: SharedParts = sharedParts(context),
): Hono<ApiEnv> {
  const auth = createAuth(context, shared.gate)
  const routes = apiRoutes(context, auth, shared.otlp)
  const files = staticFiles(context.webDirectory)
  const app = new Hono<ApiEnv>()
  app.use(withSecurityHeaders())
  app.use(checkHost(context))
  for (const route of routes) {
    app.on(
      route.method,
      route.path,
      auth.guard(route.access),
      limitOf(route),
      async (c) => await timed(route, () => route.answer(c)),
    )
  }
  app.onError((error, c) => refuse(context.log, c, error))
  app.notFound((c) => {
    const file = c.req.method === 'GET' ? files.answer(c) : undefined
    return file ?? refuseUnknown(routes, c)
  })
  return app
}

function limitOf(route: Route): ReturnType<typeof bodyLimit> {
  const maxSize = route.mostBytes ?? defaultMostBytes
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new UserError(`the body is larger than ${maxSize / 1_024} KiB: send less at a time`, {
        status: 413,
        code: 'body_too_large',
      })
    },
  })
}

async function timed(route: Route, answer: () => ReturnType<Route['answer']>): Promise<Response> {
  const done = requestSeconds.startTimer({ route: route.path, method: route.method })
  try {
    const response = await answer()
    done({ status: String(response.status) })
    return response
  } catch (error) {
    done({ status: String(statusOf(error)) })
    throw error
  }
}
