import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { evaluationCost, scoredAmong, type UnscoredQuery, unscoredCalls } from './unscored-calls.ts'

// Straight to the embedded engine: what is tested here is the SQL against the real tables.
const chdb = await import('chdb/connection').catch(() => undefined)
const nowMs = Date.UTC(2026, 6, 31, 12)
const query: UnscoredQuery = {
  project: 'default',
  models: null,
  sinceMs: nowMs - 900_000,
  without: [],
  limitPerModel: 3,
}

let store: Store
let directory: string

beforeAll(async () => {
  if (chdb === undefined) return
  directory = await mkdtemp(join(tmpdir(), 'unscored-calls-'))
  const connection = chdb.createChdbConnection({ path: directory })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two packages type their streams differently
  const client = createClient({ connection: connection as never })
  store = {
    query: async (sql, parameters) => {
      const result = await client.query({
        query: sql,
        query_params: { ...parameters },
        format: 'JSONEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
      })
      return result.json()
    },
    command: async (sql) => void (await client.command({ query: sql })),
    load: () => Promise.reject(new Error('not used')),
    close: () => client.close(),
  }
  const migrations = join(import.meta.dirname, '..', 'migrations')
  for (const file of (await readdir(migrations)).toSorted()) {
    const text = (await readFile(join(migrations, file), 'utf8')).replaceAll(/^--.*$/gm, '')
    for (const statement of text.split(/;\s*\n/))
      if (statement.trim()) await store.command(statement)
  }
})

afterAll(async () => {
  if (chdb === undefined) return
  await store.close()
  await rm(directory, { recursive: true })
})

interface CallRow {
  readonly model?: string
  readonly agoMs?: number
  readonly sampled?: boolean
  readonly outcome?: string
  readonly answer?: string
  readonly project?: string
}

async function insertCall(id: string, row: CallRow = {}): Promise<void> {
  const { model = 'a', agoMs = 1_000, sampled = true, outcome = 'success' } = row
  await store.command(
    `INSERT INTO calls (project, call_id, model, component, started_at, total_seconds, outcome,
       sampled, sampling_probability, prompt, answer, attributes, completion_tokens)
     VALUES ('${row.project ?? 'default'}', '${id}', '${model}', 'c',
       fromUnixTimestamp64Milli(${nowMs - agoMs}), 1.5, '${outcome}', ${sampled}, 0.25, 'p',
       '${row.answer ?? 'Lima'}', map('reference', 'Lima'), NULL)`,
  )
}

async function insertScore(id: string, evaluator: string): Promise<void> {
  await store.command(
    `INSERT INTO scores (project, call_id, model, component, call_started_at, scored_at, evaluator,
       dimension, outcome, cost_usd, sampling_probability)
     VALUES ('default', '${id}', 'a', 'c', fromUnixTimestamp64Milli(${nowMs - 1_000}),
       fromUnixTimestamp64Milli(${nowMs}), '${evaluator}', '${evaluator}', 'skipped', 0.25, 0.25)`,
  )
}

test.skipIf(chdb === undefined)('the queue as the tables tell it', async () => {
  await insertCall('scored')
  await insertScore('scored', 'safety')
  await insertScore('scored', 'composite')
  await insertCall('half-scored', { agoMs: 2_000 })
  await insertScore('half-scored', 'safety')
  await insertCall('not-sampled', { sampled: false })
  await insertCall('failed', { outcome: 'upstream_error' })
  await insertCall('not-captured', { answer: '' })
  await insertCall('old', { agoMs: 1_000_000 })
  await insertCall('elsewhere', { project: 'other' })
  for (const index of [1, 2, 3, 4, 5]) {
    await insertCall(`busy-${index}`, { model: 'busy', agoMs: index })
  }

  const { calls, waiting } = await unscoredCalls(store, query)
  expect(calls.map(({ callId }) => callId)).toEqual(['busy-1', 'busy-2', 'busy-3', 'half-scored'])
  expect(waiting).toBe(6)
  expect(calls.at(-1)).toEqual({
    project: 'default',
    callId: 'half-scored',
    model: 'a',
    component: 'c',
    startedAtMs: nowMs - 2_000,
    totalSeconds: 1.5,
    completionTokens: null,
    samplingProbability: 0.25,
    prompt: 'p',
    answer: 'Lima',
    attributes: { reference: 'Lima' },
  })

  const without = ['busy-1', 'half-scored']
  const rest = await unscoredCalls(store, { ...query, without })
  expect(rest.calls.map(({ callId }) => callId)).toEqual(['busy-2', 'busy-3', 'busy-4'])
  const mine = await unscoredCalls(store, { ...query, models: ['a'] })
  expect(mine.calls.map(({ callId }) => callId)).toEqual(['half-scored'])
  expect(await unscoredCalls(store, { ...query, models: ['nobody'] })).toEqual({
    calls: [],
    waiting: 0,
  })
})

test.skipIf(chdb === undefined)('what is visible, and what it cost', async () => {
  const ids = ['scored', 'half-scored', 'unknown']
  const visible = await scoredAmong(store, { project: 'default', sinceMs: query.sinceMs, ids })
  expect(visible).toEqual(['scored'])
  expect(await evaluationCost(store, { project: 'default', sinceMs: nowMs })).toBe(0.75)
  expect(await evaluationCost(store, { project: 'default', sinceMs: nowMs + 1 })).toBe(0)
})
