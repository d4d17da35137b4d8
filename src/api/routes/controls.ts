import { controlStates } from '../../quality/controls/control-states.ts'
import type { ApiContext } from '../context.ts'
import type { Route } from '../http.ts'

/** What was frozen and judged or asked again, and whether it moved. */
export function controlRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/controls',
      access: 'viewer',
      answer: async (c) => {
        const controls = await controlStates(context.store, context.config(), context.now())
        return c.json({ controls })
      },
    },
  ]
}
