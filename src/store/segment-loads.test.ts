// The states that a kill leaves on disk between an insert's steps, made by hand.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import { exampleCall } from '../spool/examples.ts'
import { listSealed, readSealed } from '../spool/sealed-segments.ts'
import type { Segment } from '../spool/segment.ts'
import { openSpool } from '../spool/spool.ts'
import { createLog } from '../telemetry/log.ts'
import { openStore, type OpenStore } from './open-store.ts'

const chdb = await import('chdb/connection').catch(() => undefined)
const log = createLog('test', 'silent')

describe.skipIf(chdb === undefined)('a load that was killed', () => {
  let directory: string
  let store: OpenStore

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'loads-'))
    store = await open()
  })

  afterEach(async () => {
    await store.close()
    await rm(directory, { recursive: true })
  })

  const open = () =>
    openStore({
      config: storeSchema.parse({ retention: '3650d' }),
      dataDirectory: join(directory, 'data'),
      log,
    })

  /** Two segments of three calls in two months. */
  async function segments(): Promise<readonly [Segment, Segment]> {
    const spool = await openSpool({
      directory: join(directory, 'spool'),
      writer: 'hub',
      config: { commitEvery: 0, rotateEvery: 600_000, rotateSize: 2 ** 24, maxSize: 2 ** 30 },
      log,
      now: Date.now,
    })
    for (let segment = 0; segment < 2; segment += 1) {
      const times = [Date.UTC(2026, 8, 30), Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 2)]
      await spool.accept(
        'calls',
        times.map((startedAtMs) => exampleCall({ startedAtMs })),
      )
      await spool.rotate()
    }
    await spool.close()
    const [first, second] = await Promise.all(
      (await listSealed(join(directory, 'spool'))).map(readSealed),
    )
    if (first === undefined || second === undefined) throw new Error('nothing was sealed')
    return [first, second]
  }

  /** Stops without a clean end and takes a table's newest part of a month away: its token stays behind. */
  async function killBefore(tables: readonly string[], month: string): Promise<void> {
    const parts = await store.query<{ path: string }>(
      `SELECT argMax(path, max_block_number) AS path FROM system.parts
       WHERE database = currentDatabase() AND active AND table IN {tables:Array(String)} AND partition = {month:String}
       GROUP BY table`,
      { tables, month },
    )
    const journal = join(directory, 'data', 'store.loads')
    await cp(journal, `${journal}.kept`)
    await store.close()
    await cp(`${journal}.kept`, journal)
    for (const { path } of parts) await rm(path, { recursive: true })
    store = await open()
  }

  async function counts(): Promise<unknown> {
    const [row] = await store.query(
      'SELECT (SELECT count() FROM calls) AS raw, (SELECT sum(calls) FROM calls_1m) AS rollup',
    )
    return row
  }

  test('loads of several months are complete, and adding nothing when repeated', async () => {
    const [first, second] = await segments()
    for (const segment of [first, first, second, first, second]) await store.load(segment)
    expect(await counts()).toEqual({ raw: 6, rollup: 6 })
  })

  test('a segment that comes again and again, after others, adds nothing', async () => {
    const [first, second] = await segments()
    for (const segment of [first, second, first, first, second, second]) await store.load(segment)
    expect(await counts()).toEqual({ raw: 6, rollup: 6 })
  })

  /** What a kill in the last piece of a load can leave. */
  const remains = [
    ['before the rows were in place', ['calls', 'calls_1m']],
    ['between the rows and their rollup', ['calls_1m']],
    ['between a rollup and its rows', ['calls']],
    ['after both', []],
  ] as const

  test.each(remains)('%s is complete after the next load', async (_when, lost) => {
    const [first, second] = await segments()
    await store.load(first)
    await store.load(second)
    await killBefore(lost, '202610')
    await store.load(second)
    expect(await counts()).toEqual({ raw: 6, rollup: 6 })
    await store.load(second)
    expect(await counts()).toEqual({ raw: 6, rollup: 6 })
  })

  test.each(remains)(
    '%s is complete when another segment comes first, and twice',
    async (_when, lost) => {
      const [first, second] = await segments()
      await store.load(first)
      await killBefore(lost, '202610')
      for (const segment of [second, first]) await store.load(segment)
      await killBefore([], '202610')
      for (const segment of [second, first, first]) await store.load(segment)
      expect(await counts()).toEqual({ raw: 6, rollup: 6 })
    },
  )

  test('a segment whose file outlives a clean stop adds nothing after a kill', async () => {
    const [first, second] = await segments()
    await store.load(first)
    await store.close()
    store = await open()
    await store.load(second)
    await store.load(first)
    await killBefore([], '202610')
    for (const segment of [first, second]) await store.load(segment)
    expect(await counts()).toEqual({ raw: 6, rollup: 6 })
  })

  test('a table that forgot its tokens remembers new ones as before', async () => {
    const settings = () =>
      store.query(
        `SELECT name, engine_full FROM system.tables WHERE name LIKE 'calls%' ORDER BY name`,
      )
    const [first] = await segments()
    const before = await settings()
    await store.load(first)
    await killBefore(['calls', 'calls_1m'], '202610')
    expect(await settings()).toEqual(before)
  })

  test('killed twice in the same load, at two places, it is complete after the third', async () => {
    const [first] = await segments()
    await store.load(first)
    await killBefore(['calls', 'calls_1m'], '202610')
    await store.load(first)
    await killBefore(['calls_1m'], '202610')
    await store.load(first)
    expect(await counts()).toEqual({ raw: 3, rollup: 3 })
  })
})
