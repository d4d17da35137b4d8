// Exports of a real store, and back in: what was exported can be imported.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RecordKind } from '../../records/record-kind.ts'
import { createApp } from '../app.ts'
import { testConfig, testContext } from '../test-context.ts'
import { openTestStore, type TestStore } from '../test-store.ts'

let store: TestStore

const call = {
  project: 'p',
  call_id: 'c-1',
  started_at: '2026-01-01 00:00:00.250',
  model: 'a',
  operation: 'chat',
  outcome: 'success',
  status: 200,
  streaming: true,
  usage_source: 'upstream',
  total_seconds: 1.5,
  prompt_tokens: 7,
  sampling_probability: 0.5,
  sampled: true,
  prompt: 'He said "hi",\nthen left',
  answer: 'ä',
  attributes: { user: 'u-1' },
  machine_gpu_ids: ['n1/0'],
}

beforeAll(async () => {
  store = await openTestStore()
  await store.insert('calls', [
    call,
    { ...call, call_id: 'c-2', model: 'b', prompt_tokens: null, started_at: '2026-01-01 00:01:00' },
    { ...call, project: 'other' },
  ])
})

afterAll(async () => {
  await store.close()
})

async function exported(body: object) {
  const answer = await createApp(testContext({ store })).request('/api/v1/export', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()), answer }
}

test('JSONL: a row a line, times in ISO, what is not known null', async () => {
  const { status, bytes, answer } = await exported({ table: 'calls', text: true })
  expect([status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  const rows = bytes
    .toString()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(rows).toMatchObject([
    {
      callId: 'c-1',
      startedAt: '2026-01-01T00:00:00.250Z',
      promptTokens: 7,
      ttftSeconds: null,
      prompt: call.prompt,
      attributes: { user: 'u-1' },
      machineGpuIds: ['n1/0'],
      streaming: true,
    },
    { callId: 'c-2', promptTokens: null },
  ])
})

test('text goes out only when it is asked for', async () => {
  const { bytes } = await exported({ table: 'calls' })
  const [row]: unknown[] = bytes
    .toString()
    .split('\n')
    .slice(0, 1)
    .map((line) => JSON.parse(line))
  expect(row).not.toHaveProperty('prompt')
  expect(row).not.toHaveProperty('answer')
  expect(row).not.toHaveProperty('attributes')
})

test('CSV has a header line, JSON in cells of many values and empty cells for what is not known', async () => {
  const { bytes } = await exported({ table: 'calls', format: 'csv', text: true, model: 'b' })
  const text = bytes.toString()
  expect(text).toMatch(/^"?callId"?,"?traceId"?,/)
  expect(text).toContain('"{""user"":""u-1""}"')
  expect(text).not.toContain('\\N')
  expect(text).not.toContain('c-1')
})

test('Parquet is the engine’s own', async () => {
  const { bytes } = await exported({ table: 'calls', format: 'parquet', text: true })
  expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
})

const lines = async (body: object) =>
  (await exported({ table: 'calls', ...body })).bytes.toString().split('\n').filter(Boolean).length

test('a window and a model bound it; nothing is an empty file', async () => {
  expect(await lines({ from: '2026-01-01T00:00:30Z' })).toBe(1)
  expect(await lines({ to: '2026-01-01T00:00:30Z' })).toBe(1)
  expect(await lines({ model: "b' OR 1=1 --" })).toBe(0)
})

test.each(['scores', 'labels', 'events', 'samples', 'ledger'])(
  '%s can be exported',
  async (table) => {
    expect(await exported({ table, text: true })).toMatchObject({ status: 200 })
  },
)

test('tables and formats are of the list, and only administrators may', async () => {
  expect((await exported({ table: 'system.users' })).status).toBe(400)
  expect((await exported({ table: 'calls', format: 'Native' })).status).toBe(400)
  expect((await exported({ table: 'samples', model: 'a' })).status).toBe(400)
  const token = 'operator-0123456789'
  const config = testConfig({ tokens: [{ name: 'o', role: 'operator', token }] })
  const answer = await createApp(testContext({ store, config: () => config })).request(
    '/api/v1/export',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"table":"calls"}',
    },
  )
  expect(answer.status).toBe(403)
})

test('what was exported as JSONL can be imported as it is', async () => {
  const { bytes } = await exported({ table: 'calls', text: true })
  const kept: (readonly unknown[])[] = []
  const context = testContext({
    accept: (_kind: RecordKind, records: readonly unknown[]) => {
      kept.push(records)
      return Promise.resolve()
    },
  })
  const answer = await createApp(context).request('/api/v1/calls', {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: bytes.toString(),
  })
  expect(await answer.json()).toEqual({ accepted: 2, duplicates: 0, rejected: [] })
  expect(kept[0]).toMatchObject([
    {
      callId: 'c-1',
      startedAtMs: Date.UTC(2026, 0, 1, 0, 0, 0, 250),
      prompt: call.prompt,
      attributes: { user: 'u-1' },
      samplingProbability: 0.5,
      machine: { gpuIds: ['n1/0'] },
    },
    { callId: 'c-2', promptTokens: null },
  ])
})
