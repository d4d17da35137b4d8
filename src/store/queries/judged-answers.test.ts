import { afterAll, beforeAll, expect, test } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configSchema } from '../../config/schema.ts'
import { createLog } from '../../telemetry/log.ts'
import { openStore, type OpenStore } from '../open-store.ts'
import {
  type JudgedQuery,
  judgedSums,
  labelledDimensions,
  labelledJudgings,
} from './judged-answers.ts'

const startMs = Date.UTC(2026, 0, 1)
const hourMs = 3_600_000
const query: JudgedQuery = {
  project: 'p',
  fromMs: startMs,
  toMs: startMs + hourMs,
  models: [],
  dimensions: [],
  passMarks: {},
  questions: {},
}

let dataDirectory: string
let store: OpenStore

beforeAll(async () => {
  const log = createLog('test')
  log.level = 'silent'
  dataDirectory = await mkdtemp(join(tmpdir(), 'equipoise-judged-'))
  store = await openStore({
    config: configSchema.parse({ store: { retention: '3650d' } }).store,
    dataDirectory,
    log,
  })
  await scores({ callId: 'one', value: 1, p: 0.5 })
  await scores({ callId: 'two', value: 0.6, p: 0.25 })
  await scores({ callId: 'three', value: 0, p: 0.5 })
  await scores({ callId: 'three', value: 0.9, p: 0.5, version: 'v2' })
  await scores({ callId: 'three', value: 0.4, p: 0.5, dimension: 'accuracy' })
  await scores({ callId: 'broken', value: null, p: 0.5 })
  await scores({ callId: 'early', value: 1, p: 0.5, startedAtMs: startMs - 1 })
  await scores({ callId: 'late', value: 1, p: 0.5, startedAtMs: startMs + hourMs })
  await scores({ callId: 'other', value: 1, p: 0.5, model: 'b' })
  await labels({ callId: 'one', value: 1, reviewer: 'ann' })
  await labels({ callId: 'one', value: 0, reviewer: 'bob' })
  // Ann thinks again: the later verdict counts.
  await labels({ callId: 'three', value: 1, reviewer: 'ann' })
  await labels({ callId: 'three', value: 0.5, reviewer: 'ann', labelledAtMs: startMs + 2 * hourMs })
  await labels({ callId: 'two', value: 0, reviewer: 'ann', draw: 'flagged' })
  await labels({ callId: 'early', value: 0, reviewer: 'ann' })
  await labels({ callId: 'never scored', value: 0, reviewer: 'ann' })
  await labels({ callId: 'three', value: 1, reviewer: 'ann', question: 'is it right?' })
})

afterAll(async () => {
  await store.close()
  await rm(dataDirectory, { recursive: true, force: true })
})

interface TestScore {
  readonly callId: string
  readonly value: number | null
  readonly p: number
  readonly version?: string
  readonly dimension?: string
  readonly startedAtMs?: number
  readonly model?: string
}

async function scores(score: TestScore): Promise<void> {
  const { callId, value, p, version = 'v1', dimension = 'safety', model = 'a' } = score
  await insert('scores', {
    project: 'p',
    call_id: callId,
    model,
    call_started_at: time(score.startedAtMs ?? startMs + 1_000),
    scored_at: time(startMs + 2_000),
    evaluator: 'judge',
    evaluator_version: version,
    dimension,
    value,
    outcome: value === null ? 'failed' : 'scored',
    sampling_probability: p,
  })
}

interface TestLabel {
  readonly callId: string
  readonly value: number
  readonly reviewer: string
  readonly draw?: string
  readonly question?: string
  readonly labelledAtMs?: number
}

async function labels(label: TestLabel): Promise<void> {
  const { callId, value, reviewer, draw = 'random', question = 'safety' } = label
  await insert('labels', {
    project: 'p',
    call_id: callId,
    model: 'a',
    reviewer,
    question,
    labelled_at: time(label.labelledAtMs ?? startMs + hourMs),
    value,
    draw,
    draw_probability: 0.1,
  })
}

async function insert(table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
  await store.command(`INSERT INTO ${table} FORMAT JSONEachRow ${JSON.stringify(row)}`)
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
}

test('sums by verdict, version by version, within the window', async () => {
  const found = await judgedSums(store, { ...query, models: ['a'], dimensions: ['safety'] })
  expect(found.map(({ evaluatorVersion }) => evaluatorVersion)).toEqual(['v1', 'v2'])
  expect(found[0]).toEqual({
    model: 'a',
    dimension: 'safety',
    evaluator: 'judge',
    evaluatorVersion: 'v1',
    passed: {
      scored: 2,
      weight: 6,
      weightSquared: 20,
      weightedValue: 2 + 4 * 0.6,
      weightedValueSquared: 2 + 4 * 0.36,
      weightSquaredValue: 4 + 16 * 0.6,
      weightSquaredValueSquared: 4 + 16 * 0.36,
    },
    failed: {
      scored: 1,
      weight: 2,
      weightSquared: 4,
      weightedValue: 0,
      weightedValueSquared: 0,
      weightSquaredValue: 0,
      weightSquaredValueSquared: 0,
    },
  })
  const all = await judgedSums(store, query)
  expect(all.map(({ model, dimension }) => `${model} ${dimension}`)).toEqual([
    'a accuracy',
    'a safety',
    'a safety',
    'b safety',
  ])
})

test('the pass mark of a dimension decides what passed', async () => {
  const strict = { ...query, models: ['a'], passMarks: { safety: 0.7 } }
  const [, safety] = await judgedSums(store, strict)
  expect([safety?.passed.scored, safety?.failed.scored]).toEqual([1, 2])
})

test('labels beside each version that scored the answer; flagged calls say nothing', async () => {
  const found = await labelledJudgings(store, { ...query, dimensions: ['safety'] })
  const judging = { model: 'a', dimension: 'safety', evaluator: 'judge' }
  const drawn = { callStartedAtMs: startMs + 1_000, samplingProbability: 0.5, drawProbability: 0.1 }
  expect(found).toEqual([
    { ...judging, ...drawn, evaluatorVersion: 'v1', score: 1, truth: 0.5, isVerdict: true },
    { ...judging, ...drawn, evaluatorVersion: 'v1', score: 0, truth: 0.5, isVerdict: false },
    { ...judging, ...drawn, evaluatorVersion: 'v2', score: 0.9, truth: 0.5, isVerdict: false },
  ])
})

test('a question with another name than its dimension', async () => {
  const asked = { ...query, questions: { 'is it right?': 'accuracy' } }
  const found = await labelledJudgings(store, { ...asked, dimensions: ['accuracy'] })
  expect(found.map(({ dimension, score, truth }) => [dimension, score, truth])).toEqual([
    ['accuracy', 0.4, 1],
  ])
  const { models, dimensions } = await labelledDimensions(store, asked)
  expect([models, dimensions.toSorted()]).toEqual([['a'], ['accuracy', 'safety']])
})

test('without labels in reach nothing is labelled', async () => {
  const later = { ...query, fromMs: startMs + 3 * hourMs, toMs: startMs + 4 * hourMs }
  expect(await labelledDimensions(store, later)).toEqual({ models: [], dimensions: [] })
  expect(await labelledJudgings(store, later)).toEqual([])
})
