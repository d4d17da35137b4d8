// Fills a store by SQL inside the engine, four hours at a time and as the loader would: one block an insert, under its own
// token, through the same materialized views, synced to disk, with merges in the background.
import { seriesId } from '../src/records/series-id.ts'
import { oneBlock } from '../src/store/engine.ts'
import { assignments, literal } from '../src/store/parameters.ts'
import type { Store } from '../src/store/store.ts'
import { boardSeries, copies, otherSeries } from './store-fleet.ts'

export const hourMs = 3_600_000

/** Hours of data: 7 days and one in which the ends of the windows lie. */
export const hours = 8 * 24

export interface LoadOrder {
  readonly startMs: number
  readonly calls: number
  readonly samples: number
  /** Tells the tokens of one load from those of another. */
  readonly name: string
}

/** Data of one insert. */
const pieceHours = 4
const pieceMs = pieceHours * hourMs
const pieces = hours / pieceHours

const scrapeSeconds = 10

/** Writes the identities of all series; returns their ids. */
export async function loadSeries(store: Store, samples: number): Promise<readonly bigint[]> {
  const wanted = Math.round(samples / ((hours * 3_600) / scrapeSeconds))
  const all = [...boardSeries, ...otherSeries(Math.max(0, wanted - boardSeries.length))]
  const rows = all.map((series) => {
    const identity = { ...series, project: 'default', unit: '', kind: 'gauge' as const }
    return { ...identity, series_id: String(seriesId(identity)) }
  })
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  await store.command(`INSERT INTO series FORMAT JSONEachRow ${lines}`)
  return rows.map((row) => BigInt(row.series_id))
}

/** Samples of all series, evenly over the hours. */
export async function loadSamples(
  store: Store,
  order: LoadOrder,
  seriesIds: readonly bigint[],
): Promise<void> {
  const points = Math.max(1, Math.round(order.samples / pieces / seriesIds.length))
  // Readings move slowly and are as coarse as exporters make them.
  await inPieces(
    store,
    { ...order, table: 'samples' },
    (fromMs) =>
      `SELECT arrayJoin([${seriesIds.join(', ')}]::Array(UInt64)) AS series_id,
      fromUnixTimestamp64Milli(${fromMs} + intDiv(number * ${pieceMs}, ${points}) + series_id % 1000, 'UTC') AS time,
      round(0.5 + 0.4 * sin((${fromMs} / 1000 + number * 10) / 5000 + series_id % 97) + 0.05 * randCanonical(series_id), 3) AS value,
      'present' AS state
    FROM numbers(${points})`,
  )
}

/** Calls of all copies with the scores of those that were drawn. */
export async function loadCalls(store: Store, order: LoadOrder): Promise<void> {
  const count = Math.max(1, Math.round(order.calls / pieces))
  await inPieces(store, { ...order, table: 'calls' }, (fromMs) => callsOf(fromMs, count))
}

/** Three evaluators and their composite on each call that was drawn. */
export async function loadScores(store: Store, order: LoadOrder): Promise<void> {
  const count = Math.max(1, Math.round(order.calls / pieces))
  await inPieces(store, { ...order, table: 'scores' }, (fromMs) => scoresOf(fromMs, count))
}

/** The bill: each minute, a line for each model on a server and one for what nobody reserved. */
export async function loadLedger(store: Store, order: LoadOrder): Promise<void> {
  const owned = [...new Set(copies.map(({ node, model }) => `${node} ${model}`))]
  const lines = [...owned, 'gpu-server-4 '].map(
    (line) => `(${line.split(' ').map(literal).join()})`,
  )
  await inPieces(
    store,
    { ...order, table: 'ledger' },
    (fromMs) =>
      `SELECT 'default' AS project, fromUnixTimestamp64Milli(${fromMs} + number * 60000, 'UTC') AS minute,
      arrayJoin([${lines.join()}]) AS line, line.1 AS node, if(line.2 = '', 'idle', 'model') AS owner,
      line.2 AS model, line.2 AS component, 2. AS gpus, 0.4 AS cost_usd,
      if(line.2 = '', NULL, 0.1) AS idle_cost_usd, 'catalogue' AS price_source, '2026-01-01' AS price_date
    FROM numbers(${60 * pieceHours})`,
  )
}

/** Runs one insert after another, in the order of time. */
async function inPieces(
  store: Store,
  load: LoadOrder & { readonly table: string },
  selectOf: (fromMs: number) => string,
): Promise<void> {
  const { table, name, startMs } = load
  const columns = await columnsOf(store, table)
  for (let piece = 0; piece < pieces; piece += 1) {
    const select = selectOf(startMs + piece * pieceMs)
    const settings = assignments({
      ...blockSettings,
      insert_deduplication_token: `${name}-${table}-${piece}`,
    })
    const names = columns.filter((column) => new RegExp(`\\b${column}\\b`).test(select)).join(', ')
    await store.command(
      `INSERT INTO ${table} (${names}) SETTINGS ${settings} SELECT ${names} FROM (${select})`,
    )
    if ((piece + 1) % 12 === 0) console.log(`  ${name} ${table}: ${piece + 1} of ${pieces} pieces`)
  }
}

/** As the loader's own insert: one block, so that each part is one of the raw table and one of each rollup. */
const blockSettings = {
  insert_deduplicate: 1,
  deduplicate_insert_select: 'force_enable',
  deduplicate_blocks_in_dependent_materialized_views: 1,
  max_block_size: oneBlock,
  max_insert_block_size: oneBlock,
  min_insert_block_size_rows: oneBlock,
  min_insert_block_size_bytes: '0',
  max_threads: 1,
  max_insert_threads: 1,
}

async function columnsOf(store: Store, table: string): Promise<readonly string[]> {
  const rows = await store.query<{ readonly name: string }>(
    'SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}',
    { table },
  )
  return rows.map((row) => row.name)
}

const copyIds = `[${copies.map((copy) => literal(copy.id)).join()}]`
const modelsOfCopies = `[${copies.map((copy) => literal(copy.model)).join()}]`

/** What both a call and its scores follow from: the same hour gives the same rows each time. */
function drawnCalls(fromMs: number, count: number): string {
  return `SELECT cityHash64(number, ${fromMs}) AS hash,
      ${fromMs} + intDiv(number * ${pieceMs}, ${count}) AS ms,
      fromUnixTimestamp64Milli(toInt64(ms), 'UTC') AS started_at,
      1 + hash % ${copies.length} AS at,
      ${modelsOfCopies}[at] AS model,
      multiIf(hash % 1000 < 970, 'success', hash % 1000 < 980, 'upstream_error', hash % 1000 < 990, 'rejected', 'client_cancelled') AS outcome,
      outcome = 'success' AND intHash64(hash) % 100 < 5 AS sampled,
      lower(hex(hash)) AS h,
      lower(leftPad(hex(toUInt64(ms)), 16, '0')) AS t,
      concat(substring(t, 5, 8), '-', substring(t, 13, 4), '-7', substring(h, 1, 3), '-8', substring(h, 4, 3), '-', leftPad(h, 12, '0')) AS call_id
    FROM numbers(${count})`
}

function callsOf(fromMs: number, count: number): string {
  return `SELECT 'default' AS project, call_id, '' AS trace_id, '' AS span_id, started_at, model, model AS component,
      ${copyIds}[at] AS copy, '/v1/chat/completions' AS route, ['shop', 'search', 'support'][1 + hash % 3] AS tenant,
      'chat' AS operation, true AS streaming, multiIf(outcome = 'success', 200, outcome = 'rejected', 429, 502) AS status,
      outcome, '' AS error_type, '' AS error_message, 'stop' AS finish_reason,
      if(outcome = 'rejected', NULL, randExponential(200.0)) AS queue_seconds,
      if(outcome = 'success', randLogNormal(-1.8, 0.5), NULL) AS ttft_seconds,
      if(outcome = 'success', randLogNormal(-4.0, 0.2), NULL) AS tpot_seconds,
      randLogNormal(1.0, 0.6) AS total_seconds,
      toUInt32(100 + hash % 1300) AS prompt_tokens, toUInt32(20 + hash % 400) AS completion_tokens,
      'upstream' AS usage_source, '1' AS model_version, 'vllm 0.11.0' AS engine_version,
      'support' AS prompt_template, '3' AS prompt_version, 0.05 AS sampling_probability, sampled,
      if(sampled, randomPrintableASCII(300), '') AS prompt, if(sampled, randomPrintableASCII(600), '') AS answer,
      toFloat64(hash % 20) AS machine_requests_running, 0. AS machine_requests_waiting, 0.4 AS machine_kv_cache_usage
    FROM (${drawnCalls(fromMs, count)})`
}

function scoresOf(fromMs: number, count: number): string {
  const evaluators = `[('judge_accuracy', 'accuracy'), ('judge_groundedness', 'groundedness'), ('judge_safety', 'safety'), ('composite', 'composite')]`
  return `SELECT 'default' AS project, call_id, model, model AS component, started_at AS call_started_at,
      started_at + INTERVAL 20 SECOND AS scored_at,
      arrayJoin(${evaluators}) AS one, one.1 AS evaluator, '1' AS evaluator_version, one.2 AS dimension,
      round(1 - 0.4 * randCanonical(call_id), 2) AS value, if(value > 0.7, 'good', 'poor') AS label,
      'The answer follows from the context.' AS reason, 'scored' AS outcome,
      randLogNormal(-0.5, 0.4) AS latency_seconds, randLogNormal(2.0, 0.5) AS lag_seconds,
      0.0001 AS cost_usd, 0.05 AS sampling_probability
    FROM (${drawnCalls(fromMs, count)}) WHERE sampled`
}
