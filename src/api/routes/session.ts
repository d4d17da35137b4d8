import { z } from 'zod'
import type { Principal } from '../access/role-table.ts'
import type { Auth } from '../auth.ts'
import type { ApiContext } from '../context.ts'
import type { Session } from '../contract.ts'
import { readJson, type Route } from '../http.ts'

const logInBody = z.strictObject({ token: z.string().min(1).max(1_000) })

/** Who asks, logging in and logging out. */
export function sessionRoutes(context: ApiContext, auth: Auth): readonly Route[] {
  const path = '/api/v1/session'
  const session = (principal: Principal | null): Session => ({
    authenticated: principal !== null,
    name: principal?.name ?? '',
    role: principal?.role ?? null,
    project: context.config().project,
    version: context.version,
  })
  return [
    { method: 'GET', path, access: 'public', answer: (c) => c.json(session(auth.whoAsks(c))) },
    {
      method: 'POST',
      path,
      access: 'public',
      answer: async (c) => {
        const { token } = await readJson(c, logInBody)
        return c.json(session(auth.logIn(c, token)))
      },
    },
    {
      method: 'DELETE',
      path,
      access: 'public',
      answer: (c) => {
        auth.logOut(c)
        return c.body(null, 204)
      },
    },
  ]
}
