import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SpoolConfig } from '../config/schema.ts'
import { RetryableError, UserError } from '../records/failure.ts'
import { createLog } from '../telemetry/log.ts'
import { exampleCall, exampleSample } from './examples.ts'
import { listSealed, readSealed } from './sealed-segments.ts'
import { createFile, type CreateFile, type SegmentHandle } from './segment-file.ts'
import { openSpool, type Spool, type SpoolOptions } from './spool.ts'

const config: SpoolConfig = {
  commitEvery: 1,
  rotateEvery: 600_000,
  rotateSize: 16 * 2 ** 20,
  maxSize: 2 ** 30,
}

let directory: string
const open: Spool[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spool-'))
})

afterEach(async () => {
  for (const spool of open.splice(0)) await spool.close().catch(() => undefined)
  await rm(directory, { recursive: true })
})

async function start(change: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool({
    directory,
    writer: 'hub',
    config,
    log: createLog('test', 'silent'),
    now: Date.now,
    ...change,
  })
  open.push(spool)
  return spool
}

/** As `kill -9` leaves it: the files stay as they are and nobody holds the lock. */
async function crash(): Promise<void> {
  await rm(join(directory, 'hub.lock'))
}

async function sealedRows(table: string): Promise<number> {
  const segments = await Promise.all((await listSealed(directory)).map(readSealed))
  return segments
    .filter((segment) => segment.table === table)
    .reduce((sum, segment) => sum + segment.rows, 0)
}

const filesOf = async (ending: string) =>
  (await readdir(directory)).filter((file) => file.endsWith(ending))

test('accepted rows are sealed with their count, structure and checksum', async () => {
  const spool = await start()
  await spool.accept('calls', [exampleCall(), exampleCall()])
  await spool.accept('calls', [exampleCall()])
  await spool.close()
  const [sealed] = await listSealed(directory)
  if (sealed === undefined) throw new Error('nothing was sealed')
  const segment = await readSealed(sealed)
  expect(segment.rows).toBe(3)
  expect(segment.bytes).toBe((await stat(segment.path)).size)
  expect(segment.structure).toMatch(/^`project` LowCardinality\(String\), `call_id` String, /)
  expect(segment.name).toMatch(/^calls-hub-[0-9a-f-]{36}$/)
})

test('many callers share one commit', async () => {
  const spool = await start({ config: { ...config, commitEvery: 20 } })
  await Promise.all(
    Array.from({ length: 500 }, (_, index) =>
      spool.accept('calls', [exampleCall({ callId: `call-${index}` })]),
    ),
  )
  const { commits, acceptedRows, waitingBytes } = spool.stats()
  expect(acceptedRows).toBe(500)
  expect(commits).toBeLessThan(20)
  expect(waitingBytes).toBe(0)
})

test('accepted means on disk: the rows are there before anything is rotated or closed', async () => {
  const spool = await start()
  await spool.accept('calls', [exampleCall({ callId: 'durable' })])
  const [rows] = await filesOf('.rows')
  expect((await readFile(join(directory, String(rows)))).includes('durable')).toBe(true)
})

test('a segment is sealed at its size', async () => {
  const spool = await start({ config: { ...config, rotateSize: 1_000 } })
  for (let index = 0; index < 5; index += 1) await spool.accept('calls', [exampleCall()])
  await spool.rotate()
  const names = (await listSealed(directory)).map((segment) => segment.name)
  expect(names.length).toBeGreaterThan(1)
  expect(new Set(names).size).toBe(names.length)
  expect(await sealedRows('calls')).toBe(5)
})

test('a segment is sealed at its age', async () => {
  const spool = await start({ config: { ...config, rotateEvery: 1 } })
  await spool.accept('calls', [exampleCall()])
  await expect.poll(() => sealedRows('calls')).toBe(1)
})

test('after a crash the next run seals what was committed and cuts the torn tail', async () => {
  const spool = await start()
  await spool.accept('calls', [exampleCall({ callId: 'kept' })])
  const [rows = ''] = await filesOf('.rows')
  const [commits = ''] = await filesOf('.commits')
  const { size } = await stat(join(directory, rows))
  await writeFile(join(directory, rows), 'half a row', { flag: 'a' })
  await writeFile(join(directory, commits), `${size} 10 1 dead`, { flag: 'a' })
  await crash()
  await start()
  expect(await sealedRows('calls')).toBe(1)
  expect((await stat(join(directory, rows.replace('.rows', '.sealed')))).size).toBe(size)
})

test('a cut at any byte of data and log loses only rows whose commit was cut', async () => {
  const spool = await start()
  for (let index = 0; index < 4; index += 1) await spool.accept('calls', [exampleCall()])
  const [rows = ''] = await filesOf('.rows')
  const [commits = ''] = await filesOf('.commits')
  const log = await readFile(join(directory, commits), 'utf8')
  const ends = [...log.matchAll(/\n/g)].map((match) => match.index + 1)
  const data = await readFile(join(directory, rows))
  await crash()
  for (let cut = 0; cut <= log.length; cut += 37) {
    await rm(directory, { recursive: true })
    const again = await start({ writer: 'other' })
    await again.close()
    await writeFile(join(directory, rows), data)
    await writeFile(join(directory, commits), log.slice(0, cut))
    const next = await start()
    const whole = ends.filter((end) => end <= cut).length
    expect(await sealedRows('calls')).toBe(Math.max(0, whole - 1))
    await next.close()
  }
})

test('a segment whose committed bytes changed is set aside and reported, and others live', async () => {
  const first = await start()
  await first.accept('calls', [exampleCall()])
  await crash()
  const [rows = ''] = await filesOf('.rows')
  const bytes = await readFile(join(directory, rows))
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
  await writeFile(join(directory, rows), bytes)
  const second = await start()
  expect(second.stats().quarantinedSegments).toBe(1)
  expect(await filesOf('.rows')).toEqual([])
  const aside = await readdir(join(directory, 'quarantine'))
  expect(aside.toSorted().map((file) => file.split('.')[1])).toEqual(['commits', 'reason', 'rows'])
  await second.accept('calls', [exampleCall()])
  await second.rotate()
  expect(await sealedRows('calls')).toBe(1)
})

test('committed bytes that are missing are damage, not a torn tail', async () => {
  const first = await start()
  await first.accept('calls', [exampleCall()])
  await crash()
  const [rows = ''] = await filesOf('.rows')
  await truncate(join(directory, rows), 10)
  const second = await start()
  expect(second.stats().quarantinedSegments).toBe(1)
})

test("another writer's open segment is left alone", async () => {
  const hub = await start()
  await hub.accept('calls', [exampleCall()])
  await start({ writer: 'hub-2' })
  expect(await filesOf('.rows')).toHaveLength(1)
  await hub.accept('calls', [exampleCall()])
  await hub.rotate()
  expect(await sealedRows('calls')).toBe(2)
})

test('one live writer a name', async () => {
  await start()
  await expect(start()).rejects.toThrow(UserError)
  await expect(start()).rejects.toThrow(`in use by process ${process.pid}`)
})

test('series are sealed before the samples that refer to them, once a process', async () => {
  const spool = await start()
  const sample = exampleSample()
  await spool.accept('samples', [sample, exampleSample({ series: { ...sample.series } })])
  await spool.accept('samples', [{ ...sample, timeMs: sample.timeMs + 1_000 }])
  await spool.rotate()
  expect(await sealedRows('series')).toBe(1)
  expect(await sealedRows('samples')).toBe(3)
  const [first] = await listSealed(directory)
  expect(first?.table).toBe('series')
  await spool.accept('samples', [sample])
  await spool.rotate()
  expect(await sealedRows('series')).toBe(1)
})

test('samples as columns join those of rows once their series is durable', async () => {
  const spool = await start()
  const sample = exampleSample()
  expect(spool.sampleRows.halvesOf(sample.series)).toBeNull()
  await spool.accept('samples', [sample])
  const halves = spool.sampleRows.halvesOf(sample.series)
  if (halves === null) throw new Error('the series is not known')
  const columns = {
    length: 1,
    low: Int32Array.of(halves.low),
    high: Int32Array.of(halves.high),
    timesMs: Float64Array.of(sample.timeMs),
    values: Float64Array.of(sample.value),
    states: Uint8Array.of(0),
  }
  await spool.sampleRows.accept(columns)
  await spool.close()
  const sealed = (await listSealed(directory)).find(({ table }) => table === 'samples')
  if (sealed === undefined) throw new Error('nothing was sealed')
  const bytes = await readFile((await readSealed(sealed)).path)
  expect(bytes.subarray(0, 25).equals(bytes.subarray(25))).toBe(true)
  await expect(spool.sampleRows.accept(columns)).rejects.toThrow(RetryableError)
  expect(spool.stats()).toMatchObject({ acceptedRows: 2, refusedBatches: 1 })
})

test('past its bound the spool refuses, accepts nothing of the batch, and recovers when room is made', async () => {
  let nowMs = 1_000_000
  const spool = await start({ config: { ...config, maxSize: 3_000 }, now: () => nowMs })
  await spool.accept('calls', [exampleCall(), exampleCall()])
  const many = Array.from({ length: 10 }, () => exampleCall())
  const refused = spool.accept('calls', many)
  await expect(refused).rejects.toThrow(RetryableError)
  await expect(refused).rejects.toThrow(/may hold 3000.*nothing was accepted/)
  await spool.rotate()
  expect(await sealedRows('calls')).toBe(2)
  for (const file of await readdir(directory)) {
    if (!file.endsWith('.lock')) await rm(join(directory, file))
  }
  nowMs += 1_000
  await expect
    .poll(() => spool.accept('calls', [exampleCall()]).then(() => 'accepted', String))
    .toBe('accepted')
  expect(spool.stats().refusedBatches).toBeGreaterThanOrEqual(1)
})

const fail = () =>
  Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }))

/** A disk that fails one kind of operation while `broken`, after `partial` bytes. */
function failingDisk(): { create: CreateFile; state: { broken: string; partial: number } } {
  const state = { broken: '', partial: 0 }
  const create: CreateFile = async (path) => {
    const real = await createFile(path)
    const isLog = path.endsWith('.commits')
    const handle: SegmentHandle = {
      async write(bytes, offset, length, position) {
        if (state.broken !== (isLog ? 'log' : 'data'))
          return real.write(bytes, offset, length, position)
        if (state.partial > 0)
          await real.write(bytes, offset, Math.min(state.partial, length), position)
        return fail()
      },
      datasync: () =>
        state.broken === (isLog ? 'log sync' : 'data sync') ? fail() : real.datasync(),
      truncate: (length) => (state.broken === 'truncate' ? fail() : real.truncate(length)),
      close: () => real.close(),
    }
    return handle
  }
  return { create, state }
}

test.each(['data', 'log', 'data sync', 'log sync'])(
  'a full disk at the %s refuses the batch whole, and the spool goes on when there is room',
  async (broken) => {
    const { create, state } = failingDisk()
    const spool = await start({ create })
    await spool.accept('calls', [exampleCall({ callId: 'before' })])
    Object.assign(state, { broken, partial: 5 })
    const refused = spool.accept('calls', [exampleCall({ callId: 'refused' })])
    await expect(refused).rejects.toThrow(RetryableError)
    await expect(refused).rejects.toThrow(/ENOSPC.*nothing of them was accepted/)
    state.broken = ''
    await spool.accept('calls', [exampleCall({ callId: 'after' })])
    await spool.close()
    expect(await sealedRows('calls')).toBe(2)
    const sealed = await Promise.all((await listSealed(directory)).map(readSealed))
    const texts = await Promise.all(sealed.map((segment) => readFile(segment.path, 'utf8')))
    expect(texts.join('')).not.toContain('refused')
  },
)

test('rows committed before a disk failed are handed over once it can be cut back', async () => {
  const { create, state } = failingDisk()
  const spool = await start({ create })
  await spool.accept('calls', [exampleCall({ callId: 'before' })])
  state.broken = 'data'
  await expect(spool.accept('calls', [exampleCall()])).rejects.toThrow(RetryableError)
  state.broken = 'truncate'
  await spool.rotate()
  state.broken = ''
  await spool.close()
  expect(await sealedRows('calls')).toBe(1)
})

test('a closed spool refuses', async () => {
  const spool = await start()
  await spool.accept('calls', [exampleCall()])
  await spool.close()
  await expect(spool.accept('calls', [exampleCall()])).rejects.toThrow('The spool is closed')
})

test('a directory that cannot be made is a clear error', async () => {
  await writeFile(join(directory, 'file'), '')
  const refused = start({ directory: join(directory, 'file', 'spool') })
  await expect(refused).rejects.toThrow(UserError)
  await expect(refused).rejects.toThrow(/cannot be written/)
})
