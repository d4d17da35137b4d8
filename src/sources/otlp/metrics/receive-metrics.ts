// Data points: flattened, deltas made totals, placed and named, then accepted as samples.
import type { Accept } from '../../../records/record-kind.ts'
import type { Sample } from '../../../records/sample.ts'
import { grouped } from '../../prometheus/reading.ts'
import type { ReceiverParts } from '../parts.ts'
import type { Settings } from '../settings.ts'
import { createTally, type Tally } from '../tally.ts'
import { timeProblem } from '../times.ts'
import type { Attributes } from '../wire/any-value.ts'
import type { Outcome } from '../wire/export-answer.ts'
import type { Metric, MetricsRequest } from '../wire/metric-messages.ts'
import { samplesOf } from './canonical.ts'
import { flatPoints, type FlatPoint, type FlatSample } from './flat-sample.ts'
import { gpuLabelsOf, placeOfPoint, type PointPlace } from './place.ts'
import type { RunningTotals, TotalsDraft } from './running-totals.ts'

export interface MetricsParts extends Pick<ReceiverParts, 'accept' | 'once'> {
  readonly totals: RunningTotals
  /** Runs one after another what must not run side by side: totals grow by one request at a time. */
  readonly inTurn: <Result>(run: () => Promise<Result>) => Promise<Result>
}

/**
 * Resolves once all samples of the request are durable.
 * @param digest of the request's bytes: the same bytes again are a retry
 */
export async function receiveMetrics(
  request: MetricsRequest,
  digest: string,
  parts: MetricsParts,
  settings: Settings,
): Promise<Outcome> {
  const tally = createTally('metrics')
  const points = placedPoints(request, settings, tally)
  const came = points.length
  const received = metricsOf(request).reduce(
    (sum, { metric }) => sum + flatPoints(metric).length,
    0,
  )
  if (came === 0) return tally.finish({ received, came, fresh: 0 })
  const isFresh = await parts.once.batch(`otlp_metrics ${digest}`, async (keys) => {
    const accept: Accept = async (kind, records) => await parts.accept(kind, records, keys)
    await parts.inTurn(async () => await acceptPoints(points, { ...parts, accept }, settings))
  })
  return tally.finish({ received, came, fresh: isFresh ? came : 0 })
}

interface PlacedPoint {
  readonly point: FlatPoint
  readonly place: PointPlace
}

function placedPoints(request: MetricsRequest, settings: Settings, tally: Tally): PlacedPoint[] {
  const placed: PlacedPoint[] = []
  for (const { resource, metric } of metricsOf(request)) {
    for (const point of flatPoints(metric)) {
      const problem = problemOf(metric.name, point, settings.nowMs)
      const place = placeOfPoint(settings, point.attributes, resource)
      if (problem === null) placed.push({ point, place })
      else tally.reject(problem.reason, problem.message)
    }
  }
  return placed
}

function metricsOf({
  resourceMetrics,
}: MetricsRequest): { readonly resource: Attributes; readonly metric: Metric }[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const attributes: Attributes = resource?.attributes ?? new Map()
    return scopeMetrics.flatMap(({ metrics }) =>
      metrics.map((metric) => ({ resource: attributes, metric })),
    )
  })
}

/** Numbers of one point: each is a series of its own. The standard's own limit is 160 buckets a side. */
const mostParts = 2_000

function problemOf(name: string, { timeMs, samples }: FlatPoint, nowMs: number) {
  if (name === '') return { reason: 'unnamed_metric', message: 'a metric has no name' }
  if (samples.length > mostParts) {
    return {
      reason: 'too_many_buckets',
      message: `a data point has more than ${mostParts} buckets: lower the limit of its histogram`,
    }
  }
  return timeProblem('a data point is', timeMs, nowMs)
}

async function acceptPoints(
  points: readonly PlacedPoint[],
  { accept, totals }: MetricsParts,
  settings: Settings,
): Promise<void> {
  const draft = totals.begin()
  const flat = points.flatMap(({ point, place }) => {
    const gpu = gpuLabelsOf(point.attributes, place.host)
    return point.samples
      .flatMap((sample) => totalled(sample, place, draft, settings.nowMs))
      .map((sample) => ({ place, sample: { ...sample, labels: { ...sample.labels, ...gpu } } }))
  })
  const moments = grouped(flat, ({ place, sample }) => JSON.stringify([place, sample.timeMs]))
  const samples = [...moments.values()].flatMap((moment): Sample[] => {
    const [first] = moment
    if (first === undefined) return []
    const { place, sample } = first
    return samplesOf(
      { place, timeMs: sample.timeMs, samples: moment.map((one) => one.sample) },
      settings,
    )
  })
  await accept('samples', samples)
  draft.keep()
}

/** A delta as the total so far; the first of a series brings the zero that it grew from. */
function totalled(
  sample: FlatSample,
  place: PointPlace,
  draft: TotalsDraft,
  nowMs: number,
): FlatSample[] {
  if (!sample.isDelta || sample.isBlank || !Number.isFinite(sample.value)) return [sample]
  const { name, labels, value, startMs, timeMs } = sample
  const key = JSON.stringify([place, name, Object.entries(labels)])
  const { total, isNew } = draft.add(key, value)
  const now = { ...sample, value: total }
  if (!isNew) return [now]
  // Just after the start, where after a restart of ours the total of before may stand.
  const isStartKnown = startMs + 1 < timeMs && timeProblem('', startMs, nowMs) === null
  return [{ ...sample, value: 0, timeMs: isStartKnown ? startMs + 1 : timeMs - 1 }, now]
}
