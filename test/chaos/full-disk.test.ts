// Disks that are full while every door takes records: refused clearly, nothing acknowledged is lost, all goes on after.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, type RunningProgram } from '../running-program.ts'
import { chaosHub, swiftSpool, type ChaosHub } from './chaos-hub.ts'
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

let directory: string
let hub: ChaosHub
let program: RunningProgram | undefined
let traffic: Traffic | undefined
let ledger: Ledger
const mounted: string[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-chaos-disk-'))
  hub = await chaosHub(directory, swiftSpool)
  ledger = createLedger()
})

afterEach(async () => {
  await program?.end('SIGKILL')
  await traffic?.abandon()
  // Lazily, so that nothing that still holds a file there keeps the mount.
  for (const place of mounted.splice(0)) spawnSync('umount', ['--lazy', place])
  await rm(directory, { recursive: true, force: true })
})

const mayMount = (() => {
  const place = spawnSync('mktemp', ['-d'], { encoding: 'utf8' }).stdout.trim()
  const isMounted = mount(place, '1m')
  if (isMounted) spawnSync('umount', [place])
  spawnSync('rmdir', [place])
  return isMounted
})()

const need = 'needs the right to mount a tmpfs'

test.skipIf(!mayMount)(
  `a full spool disk is refused with 503, and forgotten once there is room (${need})`,
  async () => {
    const full = await start('spool', '8m')
    await eventually('a refusal at every door', async () => {
      await full.keepFull()
      return refusedClients().length === clientNames.length ? true : undefined
    })
    expect(ledger.shortestWaitMs(503)).toBeGreaterThanOrEqual(1_000)
    // A verdict whose call is looked up may outlast its exporter's patience.
    const others = Object.keys(ledger.putOffs()).filter((name) => !name.endsWith(' 503'))
    expect(others.filter((name) => name !== 'evaluations no answer')).toEqual([])
    await full.free()
    await goesOn()
  },
)

test.skipIf(!mayMount)(
  `a full disk of the store stops its loads, and the spool takes what comes (${need})`,
  async () => {
    const full = await start('store', '160m')
    await full.keepFull()
    await eventually('many segments that wait', async () => {
      await full.keepFull()
      const files = await readdir(join(hub.dataDirectory, 'spool', 'hub'))
      return files.filter((file) => file.endsWith('.sealed')).length >= 60 ? true : undefined
    })
    const before = ledger.batchesOf('calls')
    await eventually('records that are still taken', async () =>
      ledger.batchesOf('calls') > before ? true : undefined,
    )
    expect(ledger.putOffs()).toEqual({})
    await full.free()
    await goesOn()
  },
)

test.skipIf(!mayMount)(`spool and store on one full disk recover too (${need})`, async () => {
  const full = await start('', '192m')
  await eventually('a refusal at every door', async () => {
    await full.keepFull()
    return refusedClients().length === clientNames.length ? true : undefined
  })
  await full.free()
  await goesOn()
})

interface FullDisk {
  /** Fills what room there is, again and again, for a moment. */
  keepFull(): Promise<void>
  free(): Promise<void>
}

/** Starts hub and traffic with a folder of the data directory on a small disk of its own. */
async function start(folder: string, size: string): Promise<FullDisk> {
  const place = join(hub.dataDirectory, folder)
  await mkdir(place, { recursive: true })
  expect(mount(place, size)).toBe(true)
  mounted.push(place)
  program = hub.start()
  await hub.serving(program)
  traffic = startTraffic({ url: hub.url, ledger, importDirectory: null })
  await eventually('an acknowledgement of every door', async () =>
    clientNames.every((name) => ledger.batchesOf(name) > 2) ? true : undefined,
  )
  const ballast = join(place, 'ballast')
  return {
    async keepFull() {
      for (let time = 0; time < 10; time += 1) {
        fill(ballast)
        await wait(20)
      }
    },
    async free() {
      await rm(ballast)
      // Parts that were merged stay for minutes: the store wants room for them, too.
      spawnSync('mount', ['-o', 'remount,size=1g', place])
    },
  }
}

function mount(place: string, size: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place]).status === 0
}

/** Appends until the disk has no byte left. */
function fill(file: string): void {
  const handle = openSync(file, 'a')
  try {
    for (const bytes of [Buffer.alloc(1_024 * 1_024), Buffer.alloc(4_096)]) {
      for (;;) writeWhole(handle, bytes)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(handle)
  }
}

function writeWhole(handle: number, bytes: Buffer): void {
  if (writeSync(handle, bytes) === 0) throw new Error('nothing was written')
}

function refusedClients(): readonly string[] {
  const putOffs = Object.keys(ledger.putOffs())
  return clientNames.filter((name) => putOffs.includes(`${name} 503`))
}

/** With the same process, everything that was and is sent is there once. */
async function goesOn(): Promise<void> {
  const before = new Map(clientNames.map((name) => [name, ledger.batchesOf(name)]))
  await eventually('new acknowledgements of every door', async () =>
    clientNames.every((name) => ledger.batchesOf(name) > (before.get(name) ?? 0) + 1)
      ? true
      : undefined,
  )
  await traffic?.finish()
  await spoolIsLoaded(hub.dataDirectory).catch(async (error: unknown) => {
    const files = await readdir(join(hub.dataDirectory, 'spool', 'hub'))
    const said = (program?.output() ?? '')
      .split('\n')
      .filter((line) => !/put off|passing fault/.test(line))
    throw new Error(`left: ${files.join(' ')}\nthe hub said:\n${said.join('\n')}`, { cause: error })
  })
  expect(program?.process.exitCode).toBeNull()
  expect(await quarantined(hub.dataDirectory)).toEqual([])
  expect.soft(await differences(hub.url, ledger)).toEqual(flawless(ledger))
  // What the engine wrote about its tables while there was no room shows at the next start.
  await program?.end()
  program = hub.start()
  await hub.serving(program)
  expect.soft(await differences(hub.url, ledger)).toEqual(flawless(ledger))
  expect.soft(await rollupDifferences(hub.url)).toEqual(equalRollups)
}
