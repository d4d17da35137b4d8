// The store refuses while every door takes records: the spool bridges it, and says no before its bound is passed.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startClickHouseStandIn, type ClickHouseStandIn } from '../clickhouse-stand-in.ts'
import { eventually, type RunningProgram } from '../running-program.ts'
import { chaosHub, type ChaosHub } from './chaos-hub.ts'
import { createLedger, type Ledger } from './ledger.ts'
import {
  differences,
  equalRollups,
  flawless,
  quarantined,
  rollupDifferences,
  spoolIsLoaded,
} from './stored.ts'
import { clientNames, startTraffic, type Traffic } from './traffic.ts'

const outageSeconds = Number(process.env['EQUIPOISE_CHAOS_OUTAGE_SECONDS'] ?? 5)

let directory: string
let store: ClickHouseStandIn
let hub: ChaosHub
let program: RunningProgram | undefined
let traffic: Traffic | undefined
let ledger: Ledger

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-chaos-outage-'))
  store = await startClickHouseStandIn({ directory: join(directory, 'server') })
  ledger = createLedger()
})

afterEach(async () => {
  await traffic?.abandon()
  await program?.end('SIGKILL')
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

test(
  `a store that is away for ${outageSeconds} s (EQUIPOISE_CHAOS_OUTAGE_SECONDS) is bridged`,
  async () => {
    await start('150ms', '4GiB')
    await store.become('refusing')
    await takenFor(outageSeconds * 1_000)
    for (const mood of ['mute', 'unavailable', 'overloaded'] as const) {
      await store.become('healthy')
      await takenFor(1_000)
      await store.become(mood)
      await takenFor(2_000)
    }
    expect(ledger.putOffs()).toEqual({})
    // A verdict waits for its call to be looked up; every other door goes on.
    await store.become('hanging')
    await takenFor(2_000, 'evaluations')
    await store.become('healthy')
    await everythingIsThere()
  },
  180_000 + outageSeconds * 2_000,
)

test('a spool that is full for want of a store is refused with 503 before its bound, and recovers', async () => {
  const maxBytes = 512 * 1_024
  await start('150ms', '512KiB')
  await store.become('refusing')
  let mostBytes = 0
  await eventually('a refusal at every door', async () => {
    mostBytes = Math.max(mostBytes, await spoolBytes())
    return clientNames.every((name) => `${name} 503` in ledger.putOffs()) ? true : undefined
  })
  expect(mostBytes).toBeGreaterThan(maxBytes / 2)
  expect(mostBytes).toBeLessThanOrEqual(maxBytes)
  expect(ledger.shortestWaitMs(503)).toBeGreaterThanOrEqual(1_000)
  // A verdict whose call is looked up may outlast its exporter's patience.
  const others = Object.keys(ledger.putOffs()).filter((name) => !name.endsWith(' 503'))
  expect(others.filter((name) => name !== 'evaluations no answer')).toEqual([])
  await store.become('healthy')
  await everythingIsThere()
})

async function start(rotateEvery: string, maxSize: string): Promise<void> {
  const settings = `store: { url: ${store.url} }\nspool: { rotateEvery: ${rotateEvery}, maxSize: ${maxSize} }\n`
  hub = await chaosHub(directory, settings)
  program = hub.start()
  await hub.serving(program)
  traffic = startTraffic({ url: hub.url, ledger, importDirectory: null })
  await eachClientGoesOn()
}

/** Resolves when each client but one has had two more acknowledgements. */
async function eachClientGoesOn(except = ''): Promise<void> {
  const before = new Map(clientNames.map((name) => [name, ledger.batchesOf(name)]))
  await eventually('new acknowledgements of every door', async () =>
    clientNames.every(
      (name) => name === except || ledger.batchesOf(name) > (before.get(name) ?? 0) + 1,
    )
      ? true
      : undefined,
  )
}

async function takenFor(ms: number, except = ''): Promise<void> {
  await wait(ms)
  await eachClientGoesOn(except)
}

async function spoolBytes(): Promise<number> {
  const folder = join(hub.dataDirectory, 'spool', 'hub')
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (file) => {
      const found = await stat(join(folder, file)).catch(() => null)
      return found?.isFile() === true ? found.size : 0
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function everythingIsThere(): Promise<void> {
  await eachClientGoesOn()
  await traffic?.finish()
  await spoolIsLoaded(hub.dataDirectory)
  expect(await quarantined(hub.dataDirectory)).toEqual([])
  expect.soft(await differences(hub.url, ledger)).toEqual(flawless(ledger))
  expect.soft(await rollupDifferences(hub.url)).toEqual(equalRollups)
  expect(program?.process.exitCode).toBeNull()
}
