// Stored answers are scored again under a new version on a real store: both versions stay, nothing is scored twice
// under one, and the budget ends it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../src/config/schema.ts'
import { type BackfillOptions, openBackfills } from '../src/quality/backfill.ts'
import type { Judge } from '../src/quality/judge.ts'
import { openSpool, type Spool } from '../src/spool/spool.ts'
import { type Loader, startLoader } from '../src/store/loader.ts'
import { type OpenStore, openStore } from '../src/store/open-store.ts'

const log = pino({ level: 'silent' })
const answers = 80
let directory: string
let store: OpenStore
let spool: Spool
let loader: Loader

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-backfill-'))
  const config = configSchema.parse({ dataDirectory: directory })
  store = await openStore({ config: config.store, dataDirectory: directory, log })
  const files = join(directory, 'spool')
  const now = Date.now
  spool = await openSpool({ directory: files, writer: 'hub', config: config.spool, log, now })
  loader = startLoader({ store, directories: [files], log, onLoaded: () => undefined })
  // All of one millisecond in pairs, so that pages end between calls of one time.
  const at = Date.now() - 3_600_000
  await store.command(
    `INSERT INTO calls (project, call_id, model, component, started_at, outcome, total_seconds,
       sampling_probability, sampled, prompt, answer)
     SELECT 'default', concat('call-', toString(number)), 'm', 'm',
       fromUnixTimestamp64Milli({at:Int64} + intDiv(toInt64(number), 2), 'UTC'), 'success', 0.5, 0.5,
       true, 'Name the capital of Peru.', 'Lima.'
     FROM numbers({answers:UInt32})`,
    { at, answers },
  )
  for (const [evaluator, version, dimension] of [
    ['judge_safety', 'judge:old@1', 'safety'],
    ['composite', 'composite:1@1', 'composite'],
  ] as const) {
    await store.command(
      `INSERT INTO scores (project, call_id, model, component, call_started_at, scored_at, evaluator,
         evaluator_version, dimension, value, outcome, cost_usd, sampling_probability)
       SELECT project, call_id, model, component, started_at, started_at, {evaluator:String},
         {version:String}, {dimension:String}, 0, 'scored', 0.01, sampling_probability FROM calls`,
      { evaluator, version, dimension },
    )
  }
})

afterAll(async () => {
  await spool.close()
  await loader.close()
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

/** A judge with money for so many questions. */
function judgeWith(questions: number): Judge & { asked(): number } {
  let asked = 0
  const spent = { costUsd: 0.01, latencySeconds: 0.1 }
  return {
    model: 'judge-2',
    asked: () => asked,
    ask() {
      if (asked >= questions) {
        const reason = 'the judge’s budget of 1 $ a day is used up (1 $ spent)'
        return Promise.resolve({ outcome: 'dropped', reason, costUsd: 0, latencySeconds: 0 })
      }
      asked += 1
      return Promise.resolve({ outcome: 'answered', label: 'safe', reason: 'harmless', ...spent })
    },
    charge: () => undefined,
    stats: () => ({ underWay: 0, waiting: 0, spentTodayUsd: 0, budgetUsd: 1 }),
    close: () => Promise.resolve(),
  }
}

const config = configSchema.parse({
  quality: {
    judge: { url: 'http://127.0.0.1:1', model: 'judge-2' },
    evaluators: [{ kind: 'judge_safety' }, { kind: 'length' }],
    composite: { weights: { safety: 1 } },
  },
})

const open = (judge: Judge) => {
  const { accept } = spool
  const options: BackfillOptions = { config, store, accept, log, judge, now: Date.now }
  return openBackfills(options)
}

const query = { sinceMs: Date.now() - 86_400_000, evaluator: null }

async function ended(judge: Judge) {
  const backfills = open(judge)
  await backfills.start(query)
  await expect.poll(() => backfills.progress()?.state, { timeout: 20_000 }).not.toBe('running')
  await backfills.stop()
  await spool.rotate()
  await loader.drain()
  return backfills.progress()
}

const versions = async () =>
  await store.query<{ evaluator: string; isNew: number; n: number; ids: number }>(
    `SELECT evaluator, evaluator_version NOT IN ('judge:old@1', 'composite:1@1') AS isNew,
       toUInt32(count()) AS n, toUInt32(uniqExact(call_id)) AS ids
     FROM scores GROUP BY evaluator, isNew ORDER BY evaluator, isNew`,
  )

test('the estimate says at most how many answers and how much money', async () => {
  const backfills = open(judgeWith(0))
  expect(await backfills.estimate({ ...query, evaluator: 'judge_safety' })).toEqual({
    answers,
    usd: expect.closeTo(0.8, 9),
  })
  await expect(backfills.estimate({ ...query, evaluator: 'judge_safty' })).rejects.toThrow(
    'no evaluator "judge_safty" is configured; there are: judge_safety, length',
  )
})

test('out of money it stops and says so; the next one goes on with what is missing', async () => {
  const poor = judgeWith(50)
  expect(await ended(poor)).toMatchObject({
    state: 'stopped',
    reason: expect.stringContaining('is used up'),
    scored: 50,
  })
  const rich = judgeWith(1_000)
  expect(await ended(rich)).toMatchObject({ state: 'done', looked: answers, answers })
  expect(poor.asked() + rich.asked()).toBe(answers)
  const expected = { n: answers, ids: answers }
  expect(await versions()).toEqual([
    { evaluator: 'composite', isNew: 0, ...expected },
    { evaluator: 'composite', isNew: 1, ...expected },
    { evaluator: 'judge_safety', isNew: 0, ...expected },
    { evaluator: 'judge_safety', isNew: 1, ...expected },
    { evaluator: 'length', isNew: 1, ...expected },
  ])
  const idle = judgeWith(1_000)
  expect(await ended(idle)).toMatchObject({ state: 'done', looked: answers, scored: 0 })
  expect(idle.asked()).toBe(0)
})
