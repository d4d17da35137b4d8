import { messageOf } from '../../records/failure.ts'
import { registry } from '../../telemetry/metrics.ts'
import { loadBoard } from '../board/load-board.ts'
import { boardWindow } from '../board/request.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRequest } from '../http.ts'
import { fleetGauges } from '../prometheus/fleet-gauges.ts'
import { mergeExpositions } from '../prometheus/merge.ts'
import { sourceGauges } from '../prometheus/source-gauges.ts'

/** Several scrapers within this time share one look at the store. */
const reuseMs = 5_000
const window = { from: '-5m', to: undefined, step: undefined, models: undefined }

/** `GET /metrics`: hub, gateway and fleet in the Prometheus text format 0.0.4. */
export function metricsRoute(context: ApiContext): (c: ApiRequest) => Promise<Response> {
  let last = { atMs: Number.NEGATIVE_INFINITY, text: Promise.resolve('') }
  const fleetText = () => {
    if (context.now() - last.atMs >= reuseMs) {
      last = { atMs: context.now(), text: orNothing(context, 'fleet', newestGauges(context)) }
    }
    return last.text
  }
  return async (c) => {
    const [hub, gateway, fleet, sources] = await Promise.all([
      registry.metrics(),
      orNothing(context, 'gateway', context.gatewayMetrics()),
      fleetText(),
      orNothing(context, 'sources', sourceGauges(context.sources())),
    ])
    const text = mergeExpositions([
      { process: 'hub', text: hub },
      { process: 'gateway', text: gateway },
      { process: 'fleet', text: fleet },
      { process: 'sources', text: sources },
    ])
    return c.body(text, 200, { 'Content-Type': registry.contentType })
  }
}

async function newestGauges(context: ApiContext): Promise<string> {
  const { project } = context.config()
  return await fleetGauges(await loadBoard(context, boardWindow(project, window, context.now())))
}

/** A part that fails is left out: the scrape must still tell the rest. */
async function orNothing(
  context: ApiContext,
  part: string,
  text: Promise<string>,
): Promise<string> {
  try {
    return await text
  } catch (error) {
    context.log.warn({ part, reason: messageOf(error) }, 'A part of the metrics is missing.')
    return ''
  }
}
