// The store code against a ClickHouse server's protocol, with a real engine behind it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { storeSchema } from '../src/config/server-schema.ts'
import { RetryableError, UserError } from '../src/records/failure.ts'
import { exampleCall } from '../src/spool/examples.ts'
import { listSealed, readSealed } from '../src/spool/sealed-segments.ts'
import type { Segment } from '../src/spool/segment.ts'
import { openSpool } from '../src/spool/spool.ts'
import { openStore, type OpenStore } from '../src/store/open-store.ts'
import { callsById } from '../src/store/queries/calls-by-id.ts'
import { isMalformed } from '../src/store/store-fault.ts'
import { createLog } from '../src/telemetry/log.ts'
import { startClickHouseStandIn, type ClickHouseStandIn } from './clickhouse-stand-in.ts'

const log = createLog('test', 'silent')
const login = { username: 'fleet', password: "p@s's" }
let directory: string
let server: ClickHouseStandIn

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-remote-store-'))
  server = await startClickHouseStandIn({ directory, ...login })
})
afterAll(async () => {
  await server.close()
  await rm(directory, { recursive: true, force: true })
})

const open = async (database: string, changes: object = {}): Promise<OpenStore> =>
  await openStore({
    config: storeSchema.parse({ url: server.url, ...login, database, ...changes }),
    dataDirectory: directory,
    log,
  })

/** A segment of so many calls; every second of a month before when asked for. */
async function segmentOfCalls(name: string, rows: number, isSplit = false): Promise<Segment> {
  const spool = await openSpool({
    directory: join(directory, name),
    writer: 'hub',
    config: { commitEvery: 1, rotateEvery: 600_000, rotateSize: 2 ** 28, maxSize: 2 ** 30 },
    log,
    now: Date.now,
  })
  const calls = Array.from({ length: rows }, (_, index) => ({
    ...exampleCall(),
    callId: `${name}-${index}`,
    startedAtMs: Date.now() - (isSplit && index % 2 === 1 ? 40 * 86_400_000 : 0),
  }))
  await spool.accept('calls', calls)
  await spool.close()
  const [sealed] = await listSealed(join(directory, name))
  if (sealed === undefined) throw new Error('nothing was sealed')
  return await readSealed(sealed)
}

const counts = async (store: OpenStore) =>
  await store.query<{ readonly raw: number; readonly ids: number; readonly rolled: number }>(
    'SELECT count() AS raw, uniqExact(call_id) AS ids, (SELECT sum(calls) FROM calls_1m) AS rolled FROM calls',
  )

/** As the loader does; the first request after a trouble may meet a connection that is no longer there. */
async function persistently<Result>(work: () => Promise<Result>, tries = 3): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (tries === 1 || !(error instanceof RetryableError)) throw error
    return await persistently(work, tries - 1)
  }
}

test('what was migrated once is found as it was left, retention too', async () => {
  const first = await open('again')
  const tables = await first.query<{ readonly name: string; readonly create_table_query: string }>(
    'SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name',
  )
  expect(tables.find(({ name }) => name === 'calls')?.create_table_query).toContain('TTL')
  await first.close()
  const before = server.failures.length
  const second = await open('again')
  expect(
    await second.query(
      'SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name',
    ),
  ).toEqual(tables)
  expect(
    await second.query('SELECT count() AS n, uniqExact(version) AS v FROM migrations'),
  ).toEqual(await second.query('SELECT uniqExact(version) AS n, count() AS v FROM migrations'))
  expect(server.failures.slice(before)).toEqual([])
  await second.close()
})

describe('an open store', () => {
  let store: OpenStore
  let number = 0

  beforeEach(async () => {
    number += 1
    store = await open(`store_${number}`)
  })
  afterEach(async () => {
    await server.become('healthy')
    await store.close()
  })

  test('a segment is in once however often it is loaded, rollups too', async () => {
    const segment = await segmentOfCalls('often', 120_000)
    for (let time = 0; time < 3; time += 1) await store.load(segment)
    expect(await counts(store)).toEqual([{ raw: 120_000, ids: 120_000, rolled: 120_000 }])
  })

  test('a segment of two months too', async () => {
    const segment = await segmentOfCalls('months', 2_001, true)
    for (let time = 0; time < 2; time += 1) await store.load(segment)
    expect(await counts(store)).toEqual([{ raw: 2_001, ids: 2_001, rolled: 2_001 }])
  })

  test('a load whose answer was lost is not counted twice', async () => {
    const segment = await segmentOfCalls('unanswered', 100)
    const before = server.inserts()
    await server.become('mute')
    while (server.inserts() === before) {
      await expect(store.load(segment)).rejects.toThrow(RetryableError)
    }
    await server.become('healthy')
    expect(await persistently(() => counts(store))).toEqual([{ raw: 100, ids: 100, rolled: 100 }])
    await store.load(segment)
    expect(await counts(store)).toEqual([{ raw: 100, ids: 100, rolled: 100 }])
  })

  test.each(['refusing', 'unavailable', 'overloaded', 'mute'] as const)(
    'a server that is %s is a passing fault of reads, loads and openings',
    async (mood) => {
      const segment = await segmentOfCalls(`away-${mood}`, 10)
      await server.become(mood)
      await expect(store.query('SELECT 1')).rejects.toThrow(RetryableError)
      await expect(store.load(segment)).rejects.toThrow(RetryableError)
      await expect(open('away')).rejects.toThrow(RetryableError)
      await server.become('healthy')
      await persistently(() => store.load(segment))
      expect(await counts(store)).toEqual([{ raw: 10, ids: 10, rolled: 10 }])
    },
  )

  test('parameters of every type arrive as they were', async () => {
    const parameters = {
      text: `it's "a"\\b\nc\td\0e {f} ünï%26+&`,
      list: ['x', "y'z", 'a\\b\nc', ''],
      numbers: [1, 2.5],
      flag: true,
      big: '18446744073709551615',
    }
    expect(
      await store.query(
        'SELECT {text:String} AS text, {list:Array(String)} AS list, {numbers:Array(Float64)} AS numbers, {flag:Bool} AS flag, {big:UInt64} AS big',
        parameters,
      ),
    ).toEqual([parameters])
  })

  test('more ids than a line of a request can hold', async () => {
    const segment = await segmentOfCalls('many', 3)
    await store.load(segment)
    const ids = Array.from({ length: 10_000 }, (_, index) => `${'x'.repeat(190)}-${index}`)
    const found = await callsById(store, exampleCall().project, [...ids, 'many-1'])
    expect([...found.keys()]).toEqual(['many-1'])
  })

  test('a query of a person is bounded and cannot write', async () => {
    const { rows, truncated } = await store.queryReadOnly('SELECT number FROM numbers(20000)')
    expect([rows.length, truncated]).toEqual([10_000, true])
    await expect(store.queryReadOnly('DROP TABLE calls')).rejects.toThrow(UserError)
    expect(await counts(store)).toEqual([{ raw: 0, ids: 0, rolled: 0 }])
  })

  test.each(['jsonl', 'csv', 'parquet'] as const)('an export as %s', async (format) => {
    await store.load(await segmentOfCalls(`out-${format}`, 5))
    const stream = await store.exportTable({
      table: 'calls',
      format,
      project: exampleCall().project,
      fromMs: 0,
      toMs: Date.now() + 60_000,
      model: '',
      withText: true,
    })
    const out = await text(stream)
    if (format === 'parquet') expect(out.slice(0, 4)).toBe('PAR1')
    else expect(out.match(/out-\w+-\d/g)?.length).toBe(5)
  })

  test('rows that are none are malformed, not passing', async () => {
    const segment = await segmentOfCalls('torn', 3)
    const torn = { ...segment, structure: segment.structure.replace(/, [^,]*$/, '') }
    const error = await store.load(torn).catch((reason: unknown) => reason)
    expect(isMalformed(error), String(error)).toBe(true)
    expect(error).not.toBeInstanceOf(RetryableError)
  })
})

test('a wrong password is told as one', async () => {
  await expect(open('refused', { password: 'wrong' })).rejects.toThrow(/store\.password/)
})
