// What the rules are held against, read from the store.
import { type Estimate } from '../stats/interval.ts'
import { countOf, quantileOf, storedHistogram } from '../stats/exponential-histogram.ts'
import { hajekFromSums, type HajekSums } from '../stats/hajek.ts'
import { histogramOfValues } from '../store/queries/latency-quantiles.ts'
import type { QueryParameters, Store } from '../store/store.ts'
import type { LatencyMeasure, LatencyPair, LatencyReading } from './two-axis.ts'

export interface ReadingsQuery {
  readonly project: string
  readonly model: string
  readonly dimension: string
  /** End of the window, epoch ms. */
  readonly atMs: number
  readonly windowMs: number
  /** The latency baseline is this long and ends where the window begins. */
  readonly baselineMs: number
}

export interface TwoAxisReadings {
  readonly latencies: readonly LatencyPair[]
  readonly quality: Estimate | null
}

/** Latency of the window and before it, and the quality of the window, for one model. */
export async function twoAxisReadings(
  store: Store,
  query: ReadingsQuery,
): Promise<TwoAxisReadings> {
  const { atMs, windowMs, baselineMs } = query
  const windowStartMs = atMs - windowMs
  const [now, baseline, quality] = await Promise.all([
    latencies(store, query, { fromMs: windowStartMs, toMs: atMs }),
    latencies(store, query, { fromMs: windowStartMs - baselineMs, toMs: windowStartMs }),
    qualityOf(store, query, { fromMs: windowStartMs, toMs: atMs }),
  ])
  const pair = (measure: LatencyMeasure): LatencyPair => ({
    measure,
    now: now[measure],
    baseline: baseline[measure],
  })
  return { latencies: [pair('ttft'), pair('total')], quality }
}

interface Span {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** Below this, whole minutes are too coarse and the rows themselves are few enough to be read. */
const shortestRollupMs = 10 * 60_000

function isShort({ fromMs, toMs }: Span): boolean {
  return toMs - fromMs < shortestRollupMs
}

function parametersOf(query: ReadingsQuery, { fromMs, toMs }: Span): QueryParameters {
  const { project, model, dimension } = query
  return { project, model, dimension, from: fromMs, to: toMs }
}

type Latencies = Readonly<Record<LatencyMeasure, LatencyReading | null>>

/** Count by bucket. */
type StoredHistogram = Readonly<Record<string, number>>

interface LatencyRow {
  readonly ttftHistogram: StoredHistogram
  readonly totalHistogram: StoredHistogram
}

async function latencies(store: Store, query: ReadingsQuery, span: Span): Promise<Latencies> {
  const sql = isShort(span) ? latencyOfCalls : latencyOfMinutes
  const [row] = await store.query<LatencyRow>(sql, parametersOf(query, span))
  return {
    ttft: readingOf(row?.ttftHistogram),
    total: readingOf(row?.totalHistogram),
  }
}

function readingOf(stored: StoredHistogram | undefined): LatencyReading | null {
  const histogram = storedHistogram(stored)
  const p95Seconds = quantileOf(histogram, 0.95)
  return p95Seconds === null ? null : { p95Seconds, n: countOf(histogram) }
}

const time = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`
const minute = (name: string) => `toStartOfMinute(toDateTime(${time(name)}, 'UTC'))`

// The histograms of the rollups are used here too, so that window and baseline are measured alike.
const latencyOfCalls = `
  SELECT ${histogramOfValues('ttft_seconds')} AS ttftHistogram,
    ${histogramOfValues('total_seconds')} AS totalHistogram
  FROM calls
  WHERE project = {project:String} AND model = {model:String}
    AND started_at >= ${time('from')} AND started_at < ${time('to')}`

const latencyOfMinutes = `
  SELECT sumMap(ttft) AS ttftHistogram, sumMap(total) AS totalHistogram
  FROM calls_1m
  WHERE project = {project:String} AND model = {model:String}
    AND minute >= ${minute('from')} AND minute < ${minute('to')}`

async function qualityOf(store: Store, query: ReadingsQuery, span: Span): Promise<Estimate | null> {
  const sql = isShort(span) ? qualityOfScores : qualityOfMinutes
  const rows = await store.query<HajekSums>(sql, parametersOf(query, span))
  return hajekFromSums(sumsOf(rows))
}

/**
 * One row an evaluator. An answer that two evaluators scored is still one answer: the sums are scaled to
 * the evaluator that scored most, so that n and the interval do not claim more than there is.
 */
function sumsOf(rows: readonly HajekSums[]): HajekSums {
  const sum = (key: keyof HajekSums) => rows.reduce((total, row) => total + (row[key] ?? 0), 0)
  const scored = Math.max(0, ...rows.map((row) => row.scored))
  const scale = scored === 0 ? 0 : scored / sum('scored')
  return {
    scored,
    weight: sum('weight') * scale,
    weightSquared: sum('weightSquared') * scale,
    weightedValue: sum('weightedValue') * scale,
    weightedValueSquared: sum('weightedValueSquared') * scale,
    weightSquaredValue: sum('weightSquaredValue') * scale,
    weightSquaredValueSquared: sum('weightSquaredValueSquared') * scale,
  }
}

// A short window holds the verdicts made in it, so that evaluators which are some seconds behind still
// count; but not those on calls long past, which say nothing of now. Evaluators of one answer are averaged;
// versions of one evaluator never are: the newest counts.
const qualityOfScores = `
  SELECT toUInt32(count()) AS scored,
    sum(w) AS weight, sum(w * w) AS weightSquared,
    sum(w * v) AS weightedValue, sum(w * v * v) AS weightedValueSquared,
    sum(w * w * v) AS weightSquaredValue, sum(w * w * v * v) AS weightSquaredValueSquared
  FROM (
    SELECT call_id, avg(newest) AS v, any(w) AS w FROM (
    SELECT call_id, evaluator, argMax(assumeNotNull(value), scored_at) AS newest,
      1 / any(sampling_probability) AS w
    FROM scores
    WHERE project = {project:String} AND model = {model:String} AND dimension = {dimension:String}
      AND call_started_at >= ${time('from')} - INTERVAL 5 MINUTE
      AND scored_at >= ${time('from')} AND scored_at < ${time('to')}
      AND outcome = 'scored' AND value IS NOT NULL
    GROUP BY call_id, evaluator) GROUP BY call_id)`

const qualityOfMinutes = `
  SELECT evaluator, toUInt32(sum(rollup.scored)) AS scored,
    sum(rollup.weight) AS weight, sum(weight_squared) AS weightSquared,
    sum(weighted_value) AS weightedValue, sum(weighted_value_squared) AS weightedValueSquared,
    sum(weight_squared_value) AS weightSquaredValue,
    sum(weight_squared_value_squared) AS weightSquaredValueSquared
  FROM scores_1m AS rollup
  WHERE project = {project:String} AND model = {model:String} AND dimension = {dimension:String}
    AND minute >= ${minute('from')} AND minute < ${minute('to')}
  GROUP BY evaluator, evaluator_version ORDER BY max(minute) DESC LIMIT 1 BY evaluator`
