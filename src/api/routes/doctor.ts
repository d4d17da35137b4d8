import type { ApiContext } from '../context.ts'
import type { Route } from '../http.ts'

/** Everything that can be wrong with this installation, and the accounts of every table. Answers 200 whatever it finds. */
export function doctorRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/doctor',
      access: 'operator',
      answer: async (c) => c.json(await context.doctor()),
    },
  ]
}
