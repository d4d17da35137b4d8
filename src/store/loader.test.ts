import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RetryableError } from '../records/failure.ts'
import { exampleCall, exampleEvent, exampleSample } from '../spool/examples.ts'
import type { Segment } from '../spool/segment.ts'
import { openSpool, type Spool } from '../spool/spool.ts'
import { createLog } from '../telemetry/log.ts'
import { startLoader, type Loader } from './loader.ts'
import type { Store } from './store.ts'

const log = createLog('test', 'silent')

let directory: string
const spools: Spool[] = []
const loaders: Loader[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'loader-'))
})

afterEach(async () => {
  await Promise.all(loaders.splice(0).map((loader) => loader.close()))
  await Promise.all(spools.splice(0).map((spool) => spool.close()))
  await rm(directory, { recursive: true })
})

async function spoolOf(writer: string, folder = writer): Promise<Spool> {
  const spool = await openSpool({
    directory: join(directory, folder),
    writer,
    config: { commitEvery: 1, rotateEvery: 600_000, rotateSize: 2 ** 24, maxSize: 2 ** 30 },
    log,
    now: Date.now,
  })
  spools.push(spool)
  return spool
}

interface FakeStore extends Store {
  readonly loaded: Segment[]
  /** Thrown by the next loads, in order; then loads succeed. */
  readonly failures: Error[]
}

function fakeStore(): FakeStore {
  const loaded: Segment[] = []
  const failures: Error[] = []
  return {
    loaded,
    failures,
    query: () => Promise.resolve([]),
    command: () => Promise.resolve(),
    close: () => Promise.resolve(),
    async load(segment) {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      loaded.push(segment)
    },
  }
}

function start(store: Store, folders: readonly string[], onLoaded = (): void => undefined): Loader {
  const loader = startLoader({
    store,
    directories: folders.map((folder) => join(directory, folder)),
    log,
    onLoaded,
    pollMs: 5,
    retryMs: { first: 1, longest: 4 },
  })
  loaders.push(loader)
  return loader
}

const engineError = (code: string) => Object.assign(new Error(`Code: ${code}`), { code, type: 'X' })

const filesIn = async (folder: string) =>
  (await readdir(join(directory, folder))).filter((file) => !file.endsWith('.lock'))

test('segments of all writers are loaded oldest first, series before all, and deleted', async () => {
  const gateway = await spoolOf('gateway')
  const hub = await spoolOf('hub')
  await gateway.accept('calls', [exampleCall(), exampleCall()])
  await gateway.rotate()
  await hub.accept('samples', [exampleSample()])
  await hub.rotate()
  await gateway.accept('calls', [exampleCall()])
  await gateway.rotate()
  const store = fakeStore()
  const seen: string[] = []
  const loader = startLoader({
    store,
    directories: [join(directory, 'gateway'), join(directory, 'hub')],
    log,
    onLoaded: (table, rows) => seen.push(`${table} ${rows}`),
  })
  loaders.push(loader)
  await loader.drain()
  expect(store.loaded.map(({ table }) => table)).toEqual(['series', 'calls', 'samples', 'calls'])
  expect(seen).toEqual(['series 1', 'calls 2', 'samples 1', 'calls 1'])
  expect(await filesIn('gateway')).toEqual([])
  expect(await filesIn('hub')).toEqual([])
  expect(loader.stats()).toMatchObject({
    loadedSegments: 4,
    loadedRows: 5,
    waitingSegments: 0,
    oldestWaitingMs: null,
    lastError: null,
  })
})

test('a folder that appears later is found, and what is not sealed is left alone', async () => {
  const store = fakeStore()
  const loader = start(store, ['late'])
  await loader.drain()
  const spool = await spoolOf('late')
  await spool.accept('events', [exampleEvent()])
  await loader.drain()
  expect(store.loaded).toHaveLength(0)
  await spool.rotate()
  await expect.poll(() => store.loaded.length).toBe(1)
})

test('while the store is away everything waits and nothing is lost or reordered', async () => {
  const spool = await spoolOf('hub')
  for (let n = 0; n < 3; n += 1) {
    await spool.accept('events', [exampleEvent()])
    await spool.rotate()
  }
  const names = (await filesIn('hub')).filter((file) => file.endsWith('.sealed')).toSorted()
  const store = fakeStore()
  store.failures.push(...Array.from({ length: 6 }, () => new RetryableError('away')))
  const loader = start(store, ['hub'])
  await loader.drain()
  expect(store.loaded.map(({ name }) => `${name}.sealed`)).toEqual(names)
})

test('the reason and the age of what waits can be read while the store is away', async () => {
  const spool = await spoolOf('hub')
  const before = Date.now()
  await spool.accept('events', [exampleEvent()])
  await spool.rotate()
  const store: Store = { ...fakeStore(), load: () => Promise.reject(new RetryableError('away')) }
  const loader = start(store, ['hub'])
  await expect.poll(() => loader.stats().lastError).toBe('away')
  expect(loader.stats().waitingSegments).toBe(1)
  expect(loader.stats().oldestWaitingMs).toBeGreaterThanOrEqual(before)
  const drained = loader.drain()
  await Promise.all([loader.close(), expect(drained).rejects.toThrow(RetryableError)])
  expect(await filesIn('hub')).toHaveLength(2)
})

test('rows that the engine cannot read twice are set aside with the reason, and others go on', async () => {
  const spool = await spoolOf('hub')
  await spool.accept('events', [exampleEvent()])
  await spool.rotate()
  await spool.accept('events', [exampleEvent(), exampleEvent()])
  await spool.rotate()
  const store = fakeStore()
  store.failures.push(engineError('33'), engineError('33'))
  const loader = start(store, ['hub'])
  await loader.drain()
  expect(store.loaded.map(({ rows }) => rows)).toEqual([2])
  expect(loader.stats().quarantinedSegments).toBe(1)
  const aside = await readdir(join(directory, 'hub', 'quarantine'))
  expect(aside.map((file) => String(file.split('.')[1])).toSorted()).toEqual([
    'commits',
    'reason',
    'sealed',
  ])
})

test('rows that the engine reads at the second try were not malformed', async () => {
  const spool = await spoolOf('hub')
  await spool.accept('events', [exampleEvent()])
  await spool.rotate()
  const store = fakeStore()
  store.failures.push(engineError('33'))
  const loader = start(store, ['hub'])
  await loader.drain()
  expect(store.loaded).toHaveLength(1)
  expect(loader.stats().quarantinedSegments).toBe(0)
})

test('a segment whose bytes changed is set aside before the engine sees it', async () => {
  const spool = await spoolOf('hub')
  await spool.accept('events', [exampleEvent()])
  await spool.rotate()
  const sealed = join(
    directory,
    'hub',
    String((await filesIn('hub')).find((file) => file.endsWith('.sealed'))),
  )
  const bytes = await readFile(sealed)
  bytes.writeUInt8(bytes.readUInt8(3) ^ 1, 3)
  await writeFile(sealed, bytes)
  const store = fakeStore()
  const loader = start(store, ['hub'])
  await loader.drain()
  expect(store.loaded).toEqual([])
  expect(loader.stats().quarantinedSegments).toBe(1)
})

test('a fault of one segment alone is tried again and does not hold up the others', async () => {
  const spool = await spoolOf('hub')
  await spool.accept('events', [exampleEvent()])
  await spool.rotate()
  await spool.accept('calls', [exampleCall()])
  await spool.rotate()
  const store = fakeStore()
  store.failures.push(engineError('60'))
  const loader = start(store, ['hub'])
  await loader.drain()
  expect(store.loaded.map(({ table }) => table)).toEqual(['calls', 'events'])
})
