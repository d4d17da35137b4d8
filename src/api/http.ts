// What every route shares: the types of a request and how its body is read.
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { z } from 'zod'
import { UserError } from '../records/failure.ts'
import type { Access, Principal } from './access/role-table.ts'

export interface ApiEnv {
  /** Absent in in-process requests. */
  Bindings: Partial<HttpBindings>
  Variables: { principal: Principal | null }
}

export type ApiRequest = Context<ApiEnv>

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly access: Access
  /** Largest body in bytes; default 64 KiB. */
  readonly mostBytes?: number
  readonly answer: (c: ApiRequest) => Response | Promise<Response>
}

/** The JSON body of a request, checked; a `UserError` says what is wrong with it. */
export async function readJson<Schema extends z.ZodType>(
  c: ApiRequest,
  schema: Schema,
): Promise<z.output<Schema>> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new UserError(
      `content-type is ${JSON.stringify(type)}: send the body as application/json`,
      { status: 415, code: 'not_json' },
    )
  }
  const parsed = schema.safeParse(parseJson(await c.req.text()))
  if (!parsed.success) throw new UserError(z.prettifyError(parsed.error), { cause: parsed.error })
  return parsed.data
}

/** Who asks, on a route that lets nobody else in. */
export function principalOf(c: ApiRequest): Principal {
  const principal = c.get('principal')
  if (principal === null) throw new Error('a guarded route ran without a principal')
  return principal
}

/**
 * What tells this request from all others of the client, who sends it again with a request that got no answer;
 * `null` when it sends none. A record then needs no id of its own to be kept once.
 */
export function idempotencyKey(c: ApiRequest): string | null {
  const key = c.req.header('idempotency-key') ?? ''
  if (key.length > 200) {
    throw new UserError(
      `Idempotency-Key has ${key.length} characters: send at most 200, a UUID for example`,
    )
  }
  return key === '' ? null : JSON.stringify([principalOf(c).name, c.req.path, key])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError(`the body is not JSON: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
}
