// Every route in one table, each with the least role that it asks for.
import type { Auth } from './auth.ts'
import type { ApiContext } from './context.ts'
import type { Route } from './http.ts'
import { createOtlpIntake, type OtlpIntake } from './otlp-intake.ts'
import { backfillRoutes } from './routes/backfill.ts'
import { boardRoute } from './routes/board.ts'
import { ingestRoutes } from './routes/calls-ingest.ts'
import { callRoutes } from './routes/calls.ts'
import { controlRoutes } from './routes/controls.ts'
import { doctorRoutes } from './routes/doctor.ts'
import { eventRoutes } from './routes/events.ts'
import { exportRoutes } from './routes/export.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { healthRoutes } from './routes/health.ts'
import { labelRoutes } from './routes/labels.ts'
import { metricsRoute } from './routes/metrics.ts'
import { otlpRoutes } from './routes/otlp.ts'
import { qualityRoutes } from './routes/quality.ts'
import { queryRoutes } from './routes/query.ts'
import { remoteWriteRoutes } from './routes/remote-write.ts'
import { sessionRoutes } from './routes/session.ts'
import { streamRoute } from './routes/stream.ts'

/**
 * The table of routes.
 * @param otlp shared with the other listeners
 */
export function apiRoutes(
  context: ApiContext,
  auth: Auth,
  otlp: OtlpIntake = createOtlpIntake(context),
): readonly Route[] {
  return [
    { method: 'GET', path: '/api/v1/board', access: 'viewer', answer: boardRoute(context) },
    { method: 'GET', path: '/api/v1/stream', access: 'viewer', answer: streamRoute(context) },
    ...fleetRoutes(context),
    ...eventRoutes(context),
    ...controlRoutes(context),
    ...backfillRoutes(context),
    ...labelRoutes(context),
    ...callRoutes(context),
    ...ingestRoutes(context),
    ...qualityRoutes(context),
    ...queryRoutes(context),
    ...exportRoutes(context),
    ...otlpRoutes(context, otlp),
    ...remoteWriteRoutes(context),
    ...sessionRoutes(context, auth),
    ...healthRoutes(context),
    ...doctorRoutes(context),
    {
      method: 'GET',
      path: '/metrics',
      access: 'viewer_or_loopback',
      answer: metricsRoute(context),
    },
  ]
}
