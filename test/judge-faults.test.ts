// The evaluators under every fault of a judge, on a real spool and store: each answer ends with a score or a reason
// why it has none, the money is never exceeded, and nothing is paid for twice.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../src/config/schema.ts'
import { judgeDefaults, type JudgeServer, startJudgeServer } from '../src/lab/judge-server.ts'
import { startEvaluation } from '../src/quality/evaluation.ts'
import { type Instrument, startInstrument } from '../src/quality/instrument.ts'
import { openSpool, type Spool } from '../src/spool/spool.ts'
import { type Loader, startLoader } from '../src/store/loader.ts'
import { type OpenStore, openStore } from '../src/store/open-store.ts'
import { registry } from '../src/telemetry/metrics.ts'

const log = pino({ level: 'silent' })
let directory: string
let store: OpenStore
let spool: Spool
let loader: Loader
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-judge-faults-'))
  const config = configSchema.parse({ dataDirectory: directory })
  store = await openStore({ config: config.store, dataDirectory: directory, log })
  const spoolDirectory = join(directory, 'spool')
  const now = Date.now
  spool = await openSpool({
    directory: spoolDirectory,
    writer: 'hub',
    config: config.spool,
    log,
    now,
  })
  const directories = [spoolDirectory]
  loader = startLoader({ store, directories, log, onLoaded: () => undefined })
})

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

afterAll(async () => {
  await spool.close()
  await loader.close()
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

async function labJudge(): Promise<JudgeServer> {
  const latency = { medianLatencyMs: 2, latencySpread: 0.3 }
  const judge = await startJudgeServer({ ...judgeDefaults, ...latency, port: 0, seed: 'faults' })
  closers.push(() => judge.close())
  return judge
}

/** Puts drawn answers of a model into the store. */
async function drawn(model: string, count: number, ageMs = 1_000): Promise<void> {
  await store.command(
    `INSERT INTO calls (project, call_id, model, component, started_at, outcome, total_seconds,
       sampling_probability, sampled, prompt, answer)
     SELECT {model:String}, concat({model:String}, '-', toString(number)), {model:String}, {model:String},
       fromUnixTimestamp64Milli({at:Int64} + toInt64(number), 'UTC'), 'success', 0.5, 0.5, true,
       'Name the capital of Peru.', 'Lima.'
     FROM numbers({count:UInt32})`,
    { model, count, at: Date.now() - ageMs },
  )
}

interface ScoreRow {
  readonly id: string
  readonly outcome: string
  readonly value: number | null
  readonly reason: string
  readonly version: string
  readonly usd: number
}

const scoresOf = async (model: string, evaluator: string) => {
  await spool.rotate()
  await loader.drain()
  return await store.query<ScoreRow>(
    `SELECT call_id AS id, outcome, value, reason, evaluator_version AS version, cost_usd AS usd
     FROM scores WHERE model = {model:String} AND evaluator = {evaluator:String} ORDER BY scored_at`,
    { model, evaluator },
  )
}

/** What the instrument needs to be there at all. */
const lengthOnly = { evaluators: [{ kind: 'length' }] }

interface Running {
  /** Resolves when each of so many answers has its composite. */
  finished(count: number): Promise<void>
  stop(): Promise<void>
}

function evaluate(model: string, judge: object, instrument?: Instrument): Running {
  const config = configSchema.parse({
    project: model,
    dataDirectory: directory,
    quality: {
      pollEvery: '20ms',
      judge: { inputUsdPerMillion: 1, outputUsdPerMillion: 1, retries: 0, ...judge },
      evaluators: [{ kind: 'judge_safety', models: [model] }],
      composite: { weights: { safety: 1 } },
    },
  })
  let done = 0
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const evaluation = startEvaluation({
    config,
    store,
    accept: spool.accept,
    log,
    spendFile: join(directory, `${model}.json`),
    onScored: (scores) => {
      instrument?.observe(scores)
      done += 1
      for (const { count, resolve } of waiting) if (done >= count) resolve()
    },
  })
  closers.push(() => evaluation.stop())
  return {
    finished: (count) =>
      done >= count
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ count, resolve })),
    stop: () => evaluation.stop(),
  }
}

const sumOf = (rows: readonly ScoreRow[]) => rows.reduce((sum, { usd }) => sum + usd, 0)

test.each([
  ['rate_limited', /HTTP 429/],
  ['nonsense', /nonsense twice/],
  ['hanging', /did not answer within/],
] as const)('a judge that is %s: each answer has a reason and no value', async (mode, reason) => {
  const judge = await labJudge()
  judge.setMode(mode)
  await drawn(mode, 12)
  const { url, model } = judge
  const patience = mode === 'hanging' ? { timeout: '150ms' } : {}
  const running = evaluate(mode, { url, model, concurrency: 6, ...patience })
  await running.finished(12)
  await running.stop()
  const verdicts = await scoresOf(mode, 'judge_safety')
  expect(verdicts).toHaveLength(12)
  expect(new Set(verdicts.map(({ id }) => id)).size).toBe(12)
  for (const verdict of verdicts) {
    expect(verdict).toMatchObject({ outcome: 'failed', value: null })
    expect(verdict.reason).toMatch(reason)
  }
  const composites = await scoresOf(mode, 'composite')
  expect(composites.map(({ outcome }) => outcome)).toEqual(Array<string>(12).fill('skipped'))
})

test('a judge that becomes twice as dear stays within its budget, and the rest is dropped with the reason', async () => {
  const judge = await labJudge()
  const { url, model } = judge
  await drawn('costly', 120)
  // About 600 words a question, so some 60 questions at the old price.
  const running = evaluate('costly', { url, model, concurrency: 8, budgetPerDay: '0.03 $' })
  await running.finished(15)
  judge.setMode('costly')
  await running.finished(120)
  await running.stop()
  const verdicts = await scoresOf('costly', 'judge_safety')
  expect(verdicts).toHaveLength(120)
  expect(sumOf(verdicts)).toBeLessThanOrEqual(0.03)
  const outcomes = new Set(verdicts.map(({ outcome }) => outcome))
  expect(outcomes).toEqual(new Set(['scored', 'dropped']))
  const dropped = verdicts.filter(({ outcome }) => outcome === 'dropped')
  expect(dropped.every(({ reason }) => reason.includes('is used up'))).toBe(true)
  // Another process of the same day has nothing left to spend.
  const before = judge.requests()
  await drawn('costly', 125)
  const next = evaluate('costly', { url, model, concurrency: 8, budgetPerDay: '0.03 $' })
  await next.finished(5)
  await next.stop()
  expect(judge.requests()).toBe(before)
})

test('a judge that is exchanged behind its name scores under another version, and that is an event', async () => {
  const judge = await labJudge()
  const { url, model } = judge
  const config = configSchema.parse({ project: 'renamed', quality: lengthOnly })
  const { accept } = spool
  const instrument = startInstrument({ config, store, accept, log, now: Date.now, everyMs: 20 })
  closers.push(() => instrument.stop())
  await drawn('renamed', 10)
  const running = evaluate('renamed', { url, model }, instrument)
  await running.finished(10)
  judge.setMode('renamed')
  await drawn('renamed', 20)
  await running.finished(20)
  await running.stop()
  await scoresOf('renamed', 'composite')
  await expect
    .poll(() => registry.metrics(), { timeout: 20_000 })
    .toContain('equipoise_evaluation_coverage_ratio{model="renamed"} 1')
  // The reading that was shown is handed over by then.
  await instrument.stop()
  const versions = (await scoresOf('renamed', 'judge_safety')).map(({ version }) => version)
  expect(versions.slice(0, 10).every((version) => /^judge:lab-judge-1@\w+$/.test(version))).toBe(
    true,
  )
  expect(versions.slice(10).every((version) => version.endsWith('+served:lab-judge-1-next'))).toBe(
    true,
  )
  const events = await store.query<{ title: string; to: string }>(
    `SELECT title, attributes['to'] AS to FROM events WHERE kind = 'evaluator_version'`,
  )
  expect(events).toEqual([
    { title: 'judge_safety scores under a new version', to: versions.at(-1) },
  ])
  const page = await registry.metrics()
  expect(page).toMatch(
    /equipoise_evaluation_verdicts_total\{model="renamed",evaluator="judge_safety",outcome="scored"\} 20/,
  )
  const samples = await store.query<{ metric: string; value: number }>(
    `SELECT metric, max(value) AS value FROM samples JOIN series USING (series_id)
     WHERE namespace = '/aws/sagemaker/inference-quality/renamed' AND metric LIKE 'eval.%'
     GROUP BY metric`,
  )
  const byMetric = Object.fromEntries(samples.map((row) => [row.metric, row.value]))
  expect(byMetric).toMatchObject({ 'eval.verdicts': 20, 'eval.coverage': 1, 'eval.drawn': 20 })
  expect(byMetric['eval.cost']).toBeGreaterThan(0)
})

test('an answer that never had its turn is written down as dropped', async () => {
  await drawn('forgotten', 5, 30 * 3_600_000)
  const config = configSchema.parse({ project: 'forgotten', quality: lengthOnly })
  const { accept } = spool
  const instrument = startInstrument({ config, store, accept, log, now: Date.now, everyMs: 20 })
  await expect
    .poll(() => scoresOf('forgotten', 'composite'), { timeout: 20_000 })
    .toMatchObject(
      Array.from({ length: 5 }, () => ({
        outcome: 'dropped',
        value: null,
        reason: expect.stringContaining('too old: 30 h'),
      })),
    )
  await instrument.stop()
})

test('200 questions at once are held, with memory that does not grow with those that wait', async () => {
  const judge = await labJudge()
  const { url, model } = judge
  await drawn('crowd', 1_200)
  const before = process.memoryUsage().rss
  const running = evaluate('crowd', { url, model, concurrency: 200 })
  await running.finished(1_200)
  await running.stop()
  const verdicts = await scoresOf('crowd', 'judge_safety')
  expect(new Set(verdicts.map(({ id }) => id)).size).toBe(1_200)
  expect(verdicts.every(({ outcome }) => outcome === 'scored')).toBe(true)
  expect(judge.requests()).toBe(1_200)
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(400)
})
