import { collectDefaultMetrics, Histogram } from 'prom-client'
import { registry } from '../../telemetry/metrics.ts'

// Memory, CPU time, event-loop lag and garbage collection of this process.
collectDefaultMetrics({ register: registry })

/** Seconds from request to answer, by route pattern, never by path: paths carry ids. */
export const requestSeconds = new Histogram({
  name: 'equipoise_api_request_duration_seconds',
  help: 'Time from request to answer.',
  labelNames: ['route', 'method', 'status'],
  buckets: [0.002, 0.01, 0.05, 0.1, 0.3, 0.5, 1, 2.5, 10],
  registers: [registry],
})
