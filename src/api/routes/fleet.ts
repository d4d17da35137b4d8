import { alertTransitions } from '../../store/queries/alert-history.ts'
import type { ApiContext } from '../context.ts'
import type { Route } from '../http.ts'
import { listWindow } from '../list-window.ts'

/** The fleet, its gateway and its alerts as they stand. */
export function fleetRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/fleet',
      access: 'viewer',
      answer: (c) => c.json(context.fleet()),
    },
    {
      method: 'GET',
      path: '/api/v1/sources',
      access: 'viewer',
      answer: (c) => c.json({ nowMs: context.now(), sources: context.sources() }),
    },
    {
      method: 'GET',
      path: '/api/v1/gateway',
      access: 'viewer',
      answer: async (c) => c.json({ gateway: await context.gatewayState() }),
    },
    {
      method: 'GET',
      path: '/api/v1/alerts',
      access: 'viewer',
      answer: async (c) =>
        c.json({
          active: context.activeAlerts(),
          transitions: await alertTransitions(context.store, {
            project: context.config().project,
            ...listWindow(c, context.now()),
          }),
        }),
    },
  ]
}
