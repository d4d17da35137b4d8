// Texts by hash: written once, kept as long as a call needs them, and read whole wherever they are read.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import type { Call } from '../records/call.ts'
import { redact } from '../redaction/redact.ts'
import { exampleCall } from '../spool/examples.ts'
import { listSealed, readSealed, removeSealed } from '../spool/sealed-segments.ts'
import { openSpool, type Spool } from '../spool/spool.ts'
import { createLog } from '../telemetry/log.ts'
import { openStore, type OpenStore } from './open-store.ts'
import { callById, newestCalls } from './queries/stored-calls.ts'
import { unscoredCalls } from './queries/unscored-calls.ts'

const chdb = await import('chdb/connection').catch(() => undefined)
const log = createLog('test', 'silent')
const dayMs = 86_400_000

let directory: string
let store: OpenStore
let spool: Spool

const open = (change: Record<string, unknown> = {}) =>
  openStore({
    config: storeSchema.parse({ retention: '3650d', contentRetention: '3650d', ...change }),
    dataDirectory: join(directory, 'data'),
    log,
  })

const openTestSpool = () =>
  openSpool({
    directory: join(directory, 'spool'),
    writer: 'hub',
    config: { commitEvery: 0, rotateEvery: 600_000, rotateSize: 2 ** 24, maxSize: 2 ** 30 },
    log,
    now: Date.now,
  })

/** A prompt of some kilobytes that no other has. */
const longPrompt = (name: string) => `${name}: ${'what is to be done about it? '.repeat(200)}`

const texts = ({ prompt, answer }: Partial<Call>) => ({ prompt, answer })

const paidWith = (card: string) => redact(`${longPrompt('pay')} with ${card}`).text

let count = 0
const call = (change: Partial<Call>) =>
  exampleCall({ callId: `call-${(count += 1)}`, answer: 'Yes.', ...change })

/** Loads what was accepted, in the order of the loader. */
async function load(): Promise<readonly string[]> {
  await spool.rotate()
  const sealed = await listSealed(join(directory, 'spool'))
  for (const each of sealed) {
    await store.load(await readSealed(each))
    await removeSealed(each)
  }
  return sealed.map((each) => each.table)
}

const textRows = async () =>
  (await store.query<{ n: number }>('SELECT count() AS n FROM texts'))[0]?.n

describe.skipIf(chdb === undefined)('texts', () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'texts-'))
    store = await open()
    spool = await openTestSpool()
  })

  afterEach(async () => {
    await spool.close()
    await store.close()
    await rm(directory, { recursive: true })
  })

  test('are written once, loaded before their calls, and read whole by every reader', async () => {
    const prompt = longPrompt('ünï')
    const first = call({ prompt, answer: 'short' })
    const second = call({
      prompt,
      answer: longPrompt('answer'),
      startedAtMs: first.startedAtMs + 1,
    })
    await spool.accept('calls', [first])
    await spool.accept('calls', [second])
    expect(await load()).toEqual(['texts', 'calls'])
    expect(await textRows()).toBe(2)

    const window = { fromMs: first.startedAtMs, toMs: first.startedAtMs + 60_000 }
    const filter = { project: 'default', model: '', limit: 10, ...window }
    const whole = [texts(second), texts(first)]
    const list = await newestCalls(store, filter, true)
    expect(list.map(texts)).toEqual(whole)
    expect(list[0]).not.toHaveProperty('promptHash')
    expect(await newestCalls(store, filter, false)).toEqual(
      list.map(({ prompt: _p, answer: _a, errorMessage: _e, attributes: _t, ...rest }) => rest),
    )
    expect(texts((await callById(store, 'default', second.callId)) ?? {})).toEqual(texts(second))
    const { calls } = await unscoredCalls(store, {
      project: 'default',
      models: null,
      sinceMs: window.fromMs,
      without: [],
      limitPerModel: 10,
    })
    expect(calls.map(texts)).toEqual(whole)
    expect(
      await store.query('SELECT prompt, answer FROM calls_with_text ORDER BY started_at DESC'),
    ).toEqual(whole)
    const exported = await store.exportTable({
      table: 'calls',
      format: 'jsonl',
      ...window,
      project: 'default',
      model: '',
      withText: true,
    })
    const lines = Buffer.concat(await exported.toArray())
      .toString()
      .trim()
      .split('\n')
    expect(lines.map((line) => texts(JSON.parse(line))).toReversed()).toEqual(whole)
  })

  test('leave a narrow row: the opening, the lengths, and nothing else of them', async () => {
    const prompt = longPrompt('ünï')
    await spool.accept('calls', [call({ prompt, answer: 'short' })])
    await load()
    const [row] = await store.query<{ opening: string }>(
      `SELECT prompt AS opening, answer, prompt_bytes, answer_bytes,
        answer_hash = 0 AS is_inline,
        prompt_hash = (SELECT reinterpretAsUInt128(substring(SHA256(text), 1, 16)) FROM texts) AS same
      FROM calls`,
    )
    expect(row).toMatchObject({
      answer: 'short',
      prompt_bytes: Buffer.byteLength(prompt),
      answer_bytes: 5,
      is_inline: 1,
      same: 1,
    })
    expect(row?.opening).toBe(`${prompt.slice(0, 199)}…`)
  })

  test('are hashed as they are after redaction: what differed only in a secret is one text', async () => {
    const prompts = ['4111 1111 1111 1111', '5500 0000 0000 0004'].map(paidWith)
    expect(new Set(prompts).size).toBe(1)
    await spool.accept(
      'calls',
      prompts.map((prompt) => call({ prompt })),
    )
    await load()
    expect(await store.query('SELECT text FROM texts')).toEqual([{ text: prompts[0] }])
  })

  test('after a restart of the writer the same text is written again, and read once', async () => {
    const prompt = longPrompt('again')
    await spool.accept('calls', [call({ prompt })])
    await spool.close()
    spool = await openTestSpool()
    const later = call({ prompt, startedAtMs: exampleCall().startedAtMs + 1 })
    await spool.accept('calls', [later])
    await load()
    expect(await textRows()).toBe(2)
    expect(await store.query('SELECT count() AS n FROM calls_with_text')).toEqual([{ n: 2 }])
    expect((await callById(store, 'default', later.callId))?.prompt).toBe(prompt)
    await store.command('OPTIMIZE TABLE texts FINAL')
    expect(await textRows()).toBe(1)
  })

  test('one project cannot reach the texts of another', async () => {
    const prompt = longPrompt('mine')
    await spool.accept('calls', [call({ prompt, project: 'a' })])
    await load()
    await store.command(
      `INSERT INTO calls (project, call_id, started_at, prompt, prompt_hash)
      SELECT 'b', 'thief', started_at, 'opening…', prompt_hash FROM calls`,
    )
    expect((await callById(store, 'b', 'thief'))?.prompt).toBe('opening…')
    expect(await store.query("SELECT prompt FROM calls_with_text WHERE call_id = 'thief'")).toEqual(
      [{ prompt: 'opening…' }],
    )
  })

  test('rows from before texts were split off read as they are', async () => {
    const prompt = longPrompt('old')
    await store.command(
      `INSERT INTO calls (project, call_id, started_at, prompt, answer)
      VALUES ('default', 'old', '2026-01-15 12:00:00', {prompt:String}, 'x')`,
      { prompt },
    )
    expect((await callById(store, 'default', 'old'))?.prompt).toBe(prompt)
    expect(
      await store.query(
        'SELECT prompt = {prompt:String} AS same, prompt_bytes FROM calls_with_text',
        {
          prompt,
        },
      ),
    ).toEqual([{ same: 1, prompt_bytes: Buffer.byteLength(prompt) }])
  })

  test('content goes sooner than metadata, and a text only with the last call that uses it', async () => {
    const nowMs = Date.now()
    const prompt = longPrompt('shared')
    const lost = longPrompt('lost')
    const old = call({ prompt, answer: lost, startedAtMs: nowMs - 9 * dayMs })
    const young = call({ prompt, startedAtMs: nowMs - 5 * dayMs })
    await spool.accept('calls', [old])
    await spool.accept('calls', [young])
    await load()
    expect((await callById(store, 'default', old.callId))?.prompt).toBe(prompt)

    await store.close()
    store = await open({ retention: '90d', contentRetention: '7d' })
    for (const table of ['calls', 'texts']) {
      await store.command(`ALTER TABLE ${table} MATERIALIZE TTL SETTINGS mutations_sync = 2`)
      await store.command(`OPTIMIZE TABLE ${table} FINAL`)
    }
    expect(await callById(store, 'default', old.callId)).toMatchObject({
      prompt: '',
      answer: '',
      attributes: {},
      promptTokens: old.promptTokens,
      outcome: 'success',
    })
    expect((await callById(store, 'default', young.callId))?.prompt).toBe(prompt)
    expect(await store.query('SELECT text FROM texts')).toEqual([{ text: prompt }])
    expect(
      await store.query(
        'SELECT call_id AS id, prompt_bytes AS bytes FROM calls_with_text ORDER BY started_at',
      ),
    ).toEqual([
      { id: old.callId, bytes: prompt.length },
      { id: young.callId, bytes: prompt.length },
    ])
  })
})
