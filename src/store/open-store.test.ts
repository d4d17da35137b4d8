import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import { UserError } from '../records/failure.ts'
import {
  exampleAlert,
  exampleCall,
  exampleEvent,
  exampleFinding,
  exampleLabel,
  exampleLedgerEntry,
  exampleSample,
  exampleScore,
} from '../spool/examples.ts'
import { listSealed, readSealed } from '../spool/sealed-segments.ts'
import { openSpool, type Spool } from '../spool/spool.ts'
import { createLog } from '../telemetry/log.ts'
import { seriesId } from '../records/series-id.ts'
import { openEmbedded } from './engine-embedded.ts'
import { migrate, readMigrations } from './migrate.ts'
import { openStore, type OpenStore } from './open-store.ts'
import { freshnessByTable, storageByTable } from './queries/storage.ts'

const longest = { retention: '3650d', contentRetention: '3650d' }
const log = createLog('test', 'silent')
const chdb = await import('chdb/connection').catch(() => undefined)

let directory: string
let store: OpenStore
let spool: Spool

async function open(change: Record<string, unknown> = {}): Promise<OpenStore> {
  // The examples carry a fixed time: rows older than the retention would vanish as they are loaded.
  const config = storeSchema.parse({ ...longest, ...change })
  return openStore({ config, dataDirectory: directory, log })
}

/** Loads every sealed segment `times` times and keeps the files. */
async function loadAll(times: number): Promise<void> {
  await spool.rotate()
  for (const sealed of await listSealed(join(directory, 'spool'))) {
    const segment = await readSealed(sealed)
    for (let time = 0; time < times; time += 1) await store.load(segment)
  }
}

describe.skipIf(chdb === undefined)('the embedded store', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'store-'))
    store = await open()
    spool = await openSpool({
      directory: join(directory, 'spool'),
      writer: 'hub',
      config: { commitEvery: 1, rotateEvery: 600_000, rotateSize: 2 ** 24, maxSize: 2 ** 30 },
      log,
      now: Date.now,
    })
  })

  afterAll(async () => {
    await spool.close()
    await store.close()
    await rm(directory, { recursive: true })
  })

  test('every record comes back as it was accepted, loaded once or thrice', async () => {
    await spool.accept('calls', [exampleCall(), exampleCall({ callId: 'b', promptTokens: null })])
    await spool.accept('samples', [
      exampleSample(),
      exampleSample({ timeMs: exampleSample().timeMs + 1, state: 'absent', value: Number.NaN }),
    ])
    await spool.accept('scores', [exampleScore(), exampleScore({ value: null, outcome: 'failed' })])
    await spool.accept('labels', [exampleLabel()])
    await spool.accept('events', [exampleEvent()])
    await spool.accept('findings', [exampleFinding()])
    await spool.accept('ledger', [exampleLedgerEntry()])
    await spool.accept('alerts', [exampleAlert()])
    await loadAll(3)

    const call = exampleCall()
    const calls = await store.query(
      'SELECT *, toUnixTimestamp64Milli(started_at) AS started_ms FROM calls ORDER BY call_id',
    )
    expect(calls).toHaveLength(2)
    expect(calls[0]).toMatchObject({
      project: call.project,
      call_id: call.callId,
      started_ms: call.startedAtMs,
      streaming: true,
      status: 200,
      tpot_seconds: call.tpotSeconds,
      prompt_tokens: 812,
      cached_tokens: null,
      usage_source: 'upstream',
      sampling_probability: 0.25,
      sampled: true,
      prompt: call.prompt,
      answer: call.answer,
      attributes: call.attributes,
      machine_gpu_ids: call.machine.gpuIds,
      machine_gpu_duty: 0.93,
      machine_gpu_temperature_celsius: null,
    })
    expect(calls[1]).toMatchObject({ call_id: 'b', prompt_tokens: null })
    expect(await store.query('SELECT state, value FROM samples ORDER BY time')).toEqual([
      { state: 'present', value: 0.41 },
      { state: 'absent', value: null },
    ])
    expect(await store.query('SELECT * FROM series')).toEqual([
      {
        project: 'default',
        series_id: String(seriesId(exampleSample().series)),
        namespace: exampleSample().series.namespace,
        metric: 'kv.usage',
        dimensions: { copy: 'gpt-oss-20b/0' },
        unit: 'ratio',
        kind: 'gauge',
      },
    ])
    expect(await store.query('SELECT value, outcome FROM scores ORDER BY outcome')).toEqual([
      { value: null, outcome: 'failed' },
      { value: 1, outcome: 'scored' },
    ])
    expect(await store.query('SELECT evidence FROM findings')).toEqual([
      { evidence: JSON.stringify(exampleFinding().evidence) },
    ])
    expect(await store.query('SELECT readings FROM alerts')).toEqual([
      { readings: JSON.stringify(exampleAlert().readings) },
    ])
    expect(await store.query('SELECT idle_cost_usd, cost_usd FROM ledger')).toEqual([
      { idle_cost_usd: null, cost_usd: 0.04793 },
    ])
    expect(await store.query('SELECT comment FROM labels')).toHaveLength(1)
    expect(await store.query('SELECT title, attributes FROM events')).toEqual([
      { title: 'New engine', attributes: { from: '0.10.2' } },
    ])
    expect(
      await store.query('SELECT sum(calls) AS calls, sum(prompt_tokens) AS tokens FROM calls_1m'),
    ).toEqual([{ calls: 2, tokens: 812 }])
    expect(
      await store.query('SELECT sum(scored) AS scored, sum(failed) AS failed FROM scores_1m'),
    ).toEqual([{ scored: 1, failed: 1 }])
    expect(await store.query('SELECT sum(count) AS n, sum(sum) AS total FROM samples_1m')).toEqual([
      { n: 1, total: 0.41 },
    ])
  })

  test('what is there: rows, newest time, bytes', async () => {
    const freshness = await freshnessByTable(store)
    expect(freshness.find(({ table }) => table === 'calls')).toEqual({
      table: 'calls',
      rows: 2,
      newestMs: exampleCall().startedAtMs,
    })
    const storage = await storageByTable(store)
    expect(storage.find(({ table }) => table === 'calls')).toMatchObject({ rows: 2 })
  })

  test('parameters travel typed, and arrays and times with them', async () => {
    const hostile = `'; DROP TABLE calls; -- \\' \\\\ \n\t\0{x:String} ünï €`
    const [row] = await store.query(
      `SELECT {text:String} AS text, {list:Array(String)} AS list, {numbers:Array(UInt64)} AS numbers,
        {flag:Bool} AS flag, {ratio:Float64} AS ratio, {n:UInt64} AS n,
        toUnixTimestamp64Milli(fromUnixTimestamp64Milli({from:Int64})) AS ms`,
      {
        text: hostile,
        list: [hostile, ''],
        numbers: [1, 2 ** 40],
        flag: true,
        ratio: 0.1,
        n: 5,
        from: 1_768_478_400_123,
      },
    )
    expect(row).toEqual({
      text: hostile,
      list: [hostile, ''],
      numbers: [1, 2 ** 40],
      flag: true,
      ratio: 0.1,
      n: 5,
      ms: 1_768_478_400_123,
    })
    await expect(store.query('SELECT {n:UInt64}')).rejects.toThrow('no parameter "n"')
  })

  test('a parameter may list more ids than a statement usually holds', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `${'x'.repeat(190)}-${index}`)
    expect(await store.query('SELECT length({ids:Array(String)}) AS n', { ids })).toEqual([
      { n: 10_000 },
    ])
  })

  test('parameterised queries run side by side and never see each other', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => store.query('SELECT {n:UInt64} AS n', { n })),
    )
    expect(answers.flat()).toEqual(Array.from({ length: 60 }, (_, n) => ({ n })))
  })

  test('integers beyond 2^53 stay exact', async () => {
    const [row] = await store.query(
      "SELECT toUInt64(18446744073709551615) AS big, toInt64(-5) AS small, [toUInt64(7)] AS list, map('a', toUInt64(8)) AS map, CAST(NULL, 'Nullable(UInt64)') AS none",
    )
    expect(row).toEqual({
      big: '18446744073709551615',
      small: -5,
      list: [7],
      map: { a: 8 },
      none: null,
    })
  })

  test('a failed query leaves nothing in front of the next answer', async () => {
    const slow =
      'SELECT count() AS n FROM numbers(100000000000) WHERE sipHash64(number) = 3 SETTINGS max_execution_time = 1'
    for (let round = 0; round < 3; round += 1) {
      await expect(store.query(slow)).rejects.toThrow(/Timeout exceeded/)
    }
    const answers = await Promise.all([1, 2, 3, 4].map((n) => store.query(`SELECT ${n} AS n`)))
    expect(answers.flat()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }])
  })

  test('a second process is told which one holds the data directory', async () => {
    const code = `
      import { openEmbedded } from ${JSON.stringify(new URL('./engine-embedded.ts', import.meta.url).href)}
      import { storeSchema } from ${JSON.stringify(new URL('../config/server-schema.ts', import.meta.url).href)}
      openEmbedded({ config: storeSchema.parse({}), dataDirectory: ${JSON.stringify(directory)} })
        .catch((error) => { console.log(error.name + ': ' + error.message) })`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child, 'close')
    expect(output).toContain(
      `UserError: The data directory ${directory} is in use by process ${process.pid}`,
    )
  })

  test('retention follows the configuration, and data outlives a restart', async () => {
    const ttlOf = async () => {
      const [row] = await store.query<{ q: string }>(
        "SELECT create_table_query AS q FROM system.tables WHERE database = currentDatabase() AND name = 'calls'",
      )
      return [...(row?.q ?? '').matchAll(/toIntervalSecond\((\d+)\)/g)].map(([, seconds]) =>
        Number(seconds),
      )
    }
    expect(await ttlOf()).toEqual([3650, 3650, 3650, 3650, 3650, 3650].map((days) => days * 86_400))
    const count = 'SELECT count() AS n FROM calls WHERE NOT ignore(prompt)'
    await store.close()
    store = await open({ retention: '3000d', contentRetention: '2000d' })
    expect(await ttlOf()).toEqual([2000, 2000, 2000, 2000, 2000, 3000].map((days) => days * 86_400))
    expect(await store.query(count)).toEqual([{ n: 2 }])
    const changes = "SELECT count() AS n FROM system.mutations WHERE table = 'calls'"
    const before = await store.query(changes)
    await store.close()
    store = await open({ retention: '3000d', contentRetention: '2000d' })
    expect(await store.query(changes)).toEqual(before)
  })

  test('a store made by a newer program, or from changed files, is refused', async () => {
    await store.close()
    const engine = await openEmbedded({ config: storeSchema.parse({}), dataDirectory: directory })
    const known = await readMigrations()
    await expect(migrate(engine, known.slice(0, 1), log)).rejects.toThrow(
      /version \d+.*knows versions up to 1/,
    )
    const changed = known.map((each) => ({ ...each, checksum: 'f'.repeat(64) }))
    await expect(migrate(engine, changed, log)).rejects.toThrow(/another 0001-records.sql/)
    await migrate(engine, known, log)
    await engine.close()
    store = await open({ retention: '3000d', contentRetention: '2000d' })
  })
})

test('without the optional dependency the error says what to install', async () => {
  const absent = openEmbedded({
    config: storeSchema.parse({}),
    dataDirectory: tmpdir(),
    importChdb: () => Promise.reject(new Error("Cannot find package 'chdb'")),
  })
  await expect(absent).rejects.toThrow(UserError)
  await expect(absent).rejects.toThrow(/npm ci.*store\.url/)
})

test('a data directory that cannot be written, or read back, is a clear error', async () => {
  const base = await mkdtemp(join(tmpdir(), 'store-'))
  await writeFile(join(base, 'file'), '')
  const config = storeSchema.parse({})
  const under = openStore({ config, dataDirectory: join(base, 'file', 'data'), log })
  await expect(under).rejects.toThrow(UserError)
  await expect(under).rejects.toThrow(/cannot be written/)
  await expect(openStore({ config, dataDirectory: `${base}/{a}`, log })).rejects.toThrow(
    /without \* \?/,
  )
  await rm(base, { recursive: true })
})
