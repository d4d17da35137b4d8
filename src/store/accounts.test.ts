import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import { exampleCall, exampleEvent, exampleSample } from '../spool/examples.ts'
import { openHandOverLog, type HandOverLog } from '../spool/hand-over-log.ts'
import { openSpool } from '../spool/spool.ts'
import { createLog } from '../telemetry/log.ts'
import { rollupAccounts, tableAccounts } from './accounts.ts'
import { startLoader } from './loader.ts'
import { openStore, type OpenStore } from './open-store.ts'
import { rowsByDay } from './queries/row-counts.ts'

const chdb = await import('chdb/connection').catch(() => undefined)
const log = createLog('test', 'silent')
const day = 86_400_000
const nowMs = Date.now()

describe.skipIf(chdb === undefined)('accounts of a real store', () => {
  let directory: string
  let store: OpenStore
  let handOvers: HandOverLog

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'accounts-'))
    store = await openStore({
      config: storeSchema.parse({ retention: '3650d', contentRetention: '3650d' }),
      dataDirectory: join(directory, 'data'),
      log,
    })
    await store.command(`INSERT INTO calls (call_id, started_at) VALUES ('before', now64(3))`)
    handOvers = await openHandOverLog({
      directory: join(directory, 'handed-over'),
      log,
      baseline: () => rowsByDay(store),
      now: Date.now,
    })
    await load()
  })

  afterEach(async () => {
    await handOvers.close()
    await store.close()
    await rm(directory, { recursive: true })
  })

  /** Ten calls over ten days in one commit, two samples and an event. */
  async function load(): Promise<void> {
    const spool = await openSpool({
      directory: join(directory, 'hub'),
      writer: 'hub',
      handOvers: join(directory, 'handed-over'),
      config: { commitEvery: 0, rotateEvery: 600_000, rotateSize: 2 ** 24, maxSize: 2 ** 30 },
      log,
      now: Date.now,
    })
    await spool.accept(
      'calls',
      Array.from({ length: 10 }, (_, index) =>
        exampleCall({ callId: `c-${index}`, startedAtMs: nowMs - index * day }),
      ),
    )
    await spool.accept('samples', [
      exampleSample({ timeMs: nowMs }),
      exampleSample({ timeMs: nowMs }),
    ])
    await spool.accept('events', [exampleEvent()])
    await spool.close()
    const directories = [join(directory, 'hub')]
    const loader = startLoader({ store, handOvers, directories, log, onLoaded: () => undefined })
    await loader.drain()
    await loader.close()
  }

  const options = (retentionMs = 3_650 * day) => ({
    store,
    spoolDirectories: [join(directory, 'hub')],
    handOvers,
    retentionMs,
    nowMs,
  })

  const accountOf = async (table: string, retentionMs?: number) =>
    (await tableAccounts(options(retentionMs))).find((one) => one.table === table)

  test('what was handed over is there, with what the store held before', async () => {
    expect(await accountOf('calls')).toMatchObject({
      accepted: 11,
      stored: 11,
      expired: 0,
      waiting: 0,
      missing: 0,
      unexpected: 0,
    })
    expect(await accountOf('samples')).toMatchObject({ accepted: 2, stored: 2, missing: 0 })
    expect(await accountOf('events')).toMatchObject({ accepted: 1, stored: 1, isExact: false })
    for (const { rows, rolledUp } of await rollupAccounts(options())) expect(rows).toBe(rolledUp)
  })

  test('a row that is gone is missing, and the rollup knows better', async () => {
    await store.command(`DELETE FROM calls WHERE call_id = 'c-3'`)
    expect(await accountOf('calls')).toMatchObject({ accepted: 11, stored: 10, missing: 1 })
    const [calls] = await rollupAccounts(options())
    expect(calls).toMatchObject({ table: 'calls', rows: 10, rolledUp: 11 })
  })

  test('a row that retention took has expired', async () => {
    await store.command(`DELETE FROM calls WHERE call_id IN ('c-7', 'c-8')`)
    expect(await accountOf('calls', 5 * day)).toMatchObject({ missing: 0, expired: 2, stored: 9 })
  })

  test('a row that nobody accepted is unexpected', async () => {
    await store.command(`INSERT INTO calls (call_id, started_at) VALUES ('x', now64(3))`)
    expect(await accountOf('calls')).toMatchObject({ missing: 0, unexpected: 1, stored: 12 })
  })
})
