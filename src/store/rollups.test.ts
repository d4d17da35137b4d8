// Rollups say what the raw rows say: exactly where they count, within 1.083 % where they estimate, whenever rows come.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import { exampleCall, exampleSample, exampleScore } from '../spool/examples.ts'
import { listSealed, readSealed } from '../spool/sealed-segments.ts'
import { openSpool, type Spool } from '../spool/spool.ts'
import { histogramOf, largestRelativeError, quantileOf } from '../stats/exponential-histogram.ts'
import { createLog } from '../telemetry/log.ts'
import { openEmbedded } from './engine-embedded.ts'
import { migrate, readMigrations } from './migrate.ts'
import { openStore, type OpenStore } from './open-store.ts'
import { boardCalls } from './queries/board-calls.ts'
import { boardEvaluation } from './queries/board-scores.ts'
import { newestCalls } from './queries/stored-calls.ts'

const chdb = await import('chdb/connection').catch(() => undefined)
const log = createLog('test', 'silent')
const config = storeSchema.parse({ retention: '3650d', contentRetention: '3650d' })
const startMs = Date.UTC(2026, 5, 1, 12)
const minuteMs = 60_000
const levels = [0.5, 0.95, 0.99]

let directory: string
let store: OpenStore
let spool: Spool

const dataDirectory = () => join(directory, 'data')

beforeEach(async () => {
  if (chdb === undefined) return
  directory = await mkdtemp(join(tmpdir(), 'rollups-'))
  spool = await openSpool({
    directory: join(directory, 'spool'),
    writer: 'hub',
    config: { commitEvery: 0, rotateEvery: 600_000, rotateSize: 2 ** 24, maxSize: 2 ** 30 },
    log,
    now: Date.now,
  })
})

afterEach(async () => {
  if (chdb === undefined) return
  await spool.close()
  await store.close()
  await rm(directory, { recursive: true })
})

/** A second load of a segment adds nothing, so each is loaded twice. */
async function load(): Promise<void> {
  await spool.rotate()
  for (const sealed of await listSealed(join(directory, 'spool'))) {
    await store.load(await readSealed(sealed))
    await store.load(await readSealed(sealed))
  }
}

const timeMs = (at: number) => startMs + (at % 10) * minuteMs + at * 100

/** The part-th third of each minute's records, of ten minutes and two models. */
async function acceptThird(part: number): Promise<void> {
  const numbers = Array.from({ length: 300 }, (_, at) => at).filter((at) => at % 3 === part)
  await spool.accept(
    'calls',
    numbers.map((at) =>
      exampleCall({
        callId: `call-${at}`,
        startedAtMs: timeMs(at),
        model: at % 2 === 0 ? 'a' : 'b',
        ttftSeconds: at % 7 === 0 ? null : 0.01 * 1.03 ** at,
        queueSeconds: at % 2 === 0 ? 0 : 0.001 * at,
        totalSeconds: 0.1 * 1.02 ** at,
        outcome: at % 11 === 0 ? 'timeout' : 'success',
      }),
    ),
  )
  await spool.accept(
    'scores',
    numbers.map((at) =>
      exampleScore({
        callId: `call-${at}`,
        callStartedAtMs: timeMs(at),
        model: at % 2 === 0 ? 'a' : 'b',
        value: at % 5 === 0 ? null : (at % 4) / 4,
        outcome: at % 5 === 0 ? 'skipped' : 'scored',
        latencySeconds: at % 3 === 0 ? null : 0.001 * at,
        samplingProbability: at % 2 === 0 ? 0.5 : 0.25,
      }),
    ),
  )
  await spool.accept(
    'samples',
    numbers.map((at) => exampleSample({ timeMs: timeMs(at), value: at % 13 })),
  )
}

const boardWindow = (source: 'raw' | 'rollup') => ({
  project: 'default',
  fromMs: startMs,
  toMs: startMs + 15 * minuteMs,
  stepMs: 5 * minuteMs,
  source,
  models: [],
})

async function expectAlike<Result>(
  ask: (source: 'raw' | 'rollup') => Promise<Result>,
): Promise<void> {
  expect(await ask('rollup')).toEqual(await ask('raw'))
}

describe.skipIf(chdb === undefined)('rollups', () => {
  test('rows of past minutes that come late correct them exactly', async () => {
    store = await openStore({ config, dataDirectory: dataDirectory(), log })
    for (const part of [2, 0, 1]) {
      await acceptThird(part)
      await load()
      await expectAlike((source) => boardCalls(store, boardWindow(source)))
      await expectAlike((source) => boardEvaluation(store, boardWindow(source)))
      const [same] = await store.query(
        `SELECT
        (SELECT (sum(weight), sum(weighted_value), sum(weight_squared), sum(skipped)) FROM scores_1m)
          = (SELECT (sumIf(1 / sampling_probability, outcome = 'scored'), sumIf(value / sampling_probability, outcome = 'scored'),
            sumIf(pow(sampling_probability, -2), outcome = 'scored'), countIf(outcome = 'skipped')) FROM scores) AS scores,
        (SELECT groupArray(row) FROM (SELECT (minute, sum(count), sum(sum), min(minimum), max(maximum)) AS row
            FROM samples_1m GROUP BY minute ORDER BY minute))
          = (SELECT groupArray(row) FROM (SELECT (toStartOfMinute(toDateTime(time, 'UTC')) AS minute, count(), sum(value), min(value),
            max(value)) AS row FROM samples GROUP BY minute ORDER BY minute)) AS samples`,
      )
      expect(same).toEqual({ scores: 1, samples: 1 })
    }
    const [row] = await store.query('SELECT sum(calls) AS calls FROM calls_1m')
    expect(row).toEqual({ calls: 300 })
  })

  test('quantiles are those of the pure histogram, and within its bound of the exact ones', async () => {
    store = await openStore({ config, dataDirectory: dataDirectory(), log })
    for (const part of [0, 1, 2]) await acceptThird(part)
    await load()
    const numbers = Array.from({ length: 300 }, (_, at) => at).filter((at) => at % 2 === 1)
    const totals = numbers.map((at) => 0.1 * 1.02 ** at)
    const [, b] = await boardCalls(store, boardWindow('rollup'))
    for (const [at, level] of levels.entries()) {
      const estimate = b?.whole.total[at] ?? Number.NaN
      expect(estimate).toBeCloseTo(quantileOf(histogramOf(totals), level) ?? Number.NaN, 10)
      const exact = totals[Math.ceil(totals.length * level) - 1] ?? Number.NaN
      expect(Math.abs(estimate - exact) / exact).toBeLessThanOrEqual(largestRelativeError + 1e-12)
    }
    const [a] = await boardCalls(store, boardWindow('rollup'))
    expect(a?.whole.queue).toEqual([0, 0, 0])
    const counted = await store.query(
      'SELECT arraySum(mapValues(sumMap(ttft))) AS ttft, arraySum(mapValues(sumMap(total))) AS total FROM calls_1m',
    )
    expect(counted).toEqual([{ ttft: 300 - 43, total: 300 }])
  })

  test('nothing measured is no latency, never 0', async () => {
    store = await openStore({ config, dataDirectory: dataDirectory(), log })
    await spool.accept('calls', [exampleCall({ startedAtMs: startMs, ttftSeconds: null })])
    await spool.accept('scores', [
      exampleScore({ callStartedAtMs: startMs, latencySeconds: null }),
      exampleScore({
        callStartedAtMs: startMs,
        outcome: 'skipped',
        value: null,
        latencySeconds: 3,
      }),
    ])
    await load()
    for (const source of ['raw', 'rollup'] as const) {
      const [calls] = await boardCalls(store, boardWindow(source))
      expect(calls?.whole.ttft).toEqual([null, null, null])
      const [evaluation] = await boardEvaluation(store, boardWindow(source))
      expect(evaluation?.whole.latency).toEqual([null, null, null])
    }
    expect(await store.query('SELECT latency_seconds AS s FROM scores ORDER BY outcome')).toEqual([
      { s: null },
      { s: 3 },
    ])
  })

  test('a store from before them is brought over, also when the migration was stopped half-way', async () => {
    const migrations = await readMigrations()
    const engine = await openEmbedded({ config, dataDirectory: dataDirectory() })
    await migrate(
      engine,
      migrations.filter((each) => each.version <= 3),
      log,
    )
    const insertCall = (id: string, minute: number, seconds: number) =>
      engine.command(
        `INSERT INTO calls (project, call_id, started_at, model, outcome, prompt, ttft_seconds, total_seconds)
        VALUES ('default', '${id}', fromUnixTimestamp64Milli(${startMs + minute * minuteMs}), 'a', 'success', 'text', ${seconds}, ${seconds})`,
        {},
      )
    await insertCall('gone', 0, 9)
    await engine.command('TRUNCATE TABLE calls', {})
    await insertCall('one', 1, 1)
    await insertCall('two', 1, 3)
    await engine.command(
      `INSERT INTO scores (project, call_id, call_started_at, model, dimension, evaluator, value, outcome, latency_seconds, sampling_probability)
      SELECT 'default', 'one', fromUnixTimestamp64Milli(${startMs}), 'a', 'safety', 'e', 1, 'scored', number / 2, 1 FROM numbers(2)`,
      {},
    )
    // The histograms' migration, without its last step being noted: it runs again on what it made itself.
    const upTo5 = migrations.filter((each) => each.version <= 5)
    await migrate(engine, upTo5, log)
    await engine.command(
      'ALTER TABLE migrations DELETE WHERE version >= 5 SETTINGS mutations_sync = 2',
      {},
    )
    await migrate(engine, upTo5, log)
    await engine.close()
    store = await openStore({ config, dataDirectory: dataDirectory(), log })
    const [calls] = await boardCalls(store, boardWindow('rollup'))
    expect(calls?.steps.map((step) => step.calls)).toEqual([3])
    // The minute whose rows are gone counts its call and has no latency.
    expect(calls?.whole.total.map((each) => Math.round(each ?? Number.NaN))).toEqual([1, 3, 3])
    expect(
      await store.query('SELECT latency_seconds AS s FROM scores ORDER BY s NULLS FIRST'),
    ).toEqual([{ s: null }, { s: 0.5 }])
    expect(
      await store.query('SELECT sum(scored) AS scored, sumMap(latency) AS latency FROM scores_1m'),
    ).toEqual([{ scored: 2, latency: { '-33': 1 } }])
    await acceptThird(0)
    await load()
    expect(await store.query('SELECT sum(calls) AS n FROM calls_1m')).toEqual([{ n: 103 }])
  })
})

describe.skipIf(chdb === undefined)('the newest calls of all models', () => {
  test('are the right ones, and read a small part of the table', async () => {
    store = await openStore({ config, dataDirectory: dataDirectory(), log })
    const rows = 400_000
    // Two days of calls of eight models, in one part.
    await store.command(
      `INSERT INTO calls (project, call_id, started_at, model, outcome, prompt)
      SELECT 'default', toString(number), fromUnixTimestamp64Milli(${startMs} + intDiv(number * 172800000, ${rows})), toString(number % 8), 'success', repeat('x', 150)
      FROM numbers(${rows})`,
    )
    await store.command('OPTIMIZE TABLE calls FINAL')
    const filter = {
      project: 'default',
      model: '',
      fromMs: startMs,
      toMs: startMs + 3 * 86_400_000,
      limit: 50,
    }
    const expected = Array.from({ length: 50 }, (_, at) => String(rows - 1 - at))
    const statements: string[] = []
    const watched: OpenStore = {
      ...store,
      query: (sql, parameters) => {
        statements.push(sql)
        return store.query(sql, parameters)
      },
    }
    const newest = await newestCalls(watched, filter, false)
    expect(
      newest
        .map((call) => Number(call.callId))
        .toSorted((a, b) => b - a)
        .map(String),
    ).toEqual(expected)
    expect(statements[0]).not.toMatch(/prompt,|answer|texts/)

    const plan = await store.query<{ explain: string }>(`EXPLAIN indexes = 1 ${statements[0]}`, {
      project: 'default',
      model: '',
      from: filter.fromMs,
      to: filter.toMs,
      limit: 50,
    })
    const granules = plan.flatMap(({ explain }) => {
      const [, read, all] = /Granules: (\d+)\/(\d+)/.exec(explain) ?? []
      return read === undefined || all === undefined ? [] : [Number(read) / Number(all)]
    })
    // One or two granules of 8,192 rows a model, of 49.
    expect(Math.min(...granules)).toBeLessThanOrEqual(17 / 49)
    const early = { ...filter, toMs: startMs + 30_500 }
    const few = await newestCalls(store, early, false)
    expect(few).toHaveLength(50)
    expect(Math.max(...few.map((call) => call.startedAtMs))).toBeLessThan(early.toMs)
    expect(few.map((call) => call.startedAtMs)).toEqual(
      few.map((call) => call.startedAtMs).toSorted((a, b) => b - a),
    )
  })
})
