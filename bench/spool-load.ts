// How fast calls become durable and then rows without the wire, against plain JSON inserts of the same rows.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { spoolSchema, storeSchema } from '../src/config/server-schema.ts'
import type { Call } from '../src/records/call.ts'
import { uuidv7 } from '../src/records/record-id.ts'
import { exampleCall } from '../src/spool/examples.ts'
import { listSealed, readSealed, removeSealed } from '../src/spool/sealed-segments.ts'
import { openSpool, type Spool } from '../src/spool/spool.ts'
import { openStore, type OpenStore } from '../src/store/open-store.ts'
import { createLog } from '../src/telemetry/log.ts'

export interface SpoolLoadOptions {
  readonly rows: number
  /** Calls handed over at a time. */
  readonly batch: number
  /** Callers that hand over at the same time. */
  readonly callers: number
}

/** Calls through spool and store inside this process, against the same rows as plain JSON inserts. */
export async function measureSpoolLoad(
  options: SpoolLoadOptions,
): Promise<Readonly<Record<string, number>>> {
  const { rows } = options
  const directory = await mkdtemp(join(tmpdir(), 'bench-spool-'))
  const log = createLog('bench', 'silent')
  const store = await openStore({ config: storeSchema.parse({}), dataDirectory: directory, log })
  const spool = await openSpool({
    directory: join(directory, 'spool'),
    writer: 'bench',
    config: spoolSchema.parse({}),
    log,
    now: Date.now,
  })
  try {
    const calls = Array.from({ length: rows }, makeCall)
    const accept = await measureAccept(spool, calls, options)
    await spool.rotate()
    const load = await measureLoad(store, join(directory, 'spool'))
    const [stored] = await store.query<{ rows: number; bytes: number }>(
      "SELECT (SELECT count() FROM calls) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table = 'calls'",
    )
    const floorSeconds = await measureFloor(join(directory, 'store'), calls)
    return report({ rows, accept, load, floorSeconds, stored: stored ?? { rows: 0, bytes: 0 } })
  } finally {
    await spool.close()
    await store.close()
    await rm(directory, { recursive: true })
  }
}

function makeCall(_: unknown, index: number): Call {
  const startedAtMs = Date.now()
  return exampleCall({
    callId: uuidv7(startedAtMs),
    startedAtMs,
    model: index % 2 === 0 ? 'gpt-oss-20b' : 'qwen3-8b',
    copy: `copy-${index % 4}`,
    ttftSeconds: 0.1 + (index % 97) / 500,
    totalSeconds: 1 + (index % 89) / 30,
    promptTokens: 100 + (index % 1_301),
    completionTokens: 20 + (index % 401),
  })
}

interface Accepted {
  readonly seconds: number
  readonly commits: number
  /** One caller, one call at a time. */
  readonly singleP50Ms: number
  readonly singleP99Ms: number
}

/** Time until the last call is durable. */
async function measureAccept(
  spool: Spool,
  calls: readonly Call[],
  { batch: size, callers }: SpoolLoadOptions,
): Promise<Accepted> {
  const alone = calls.slice(0, Math.min(200, calls.length))
  const waits: number[] = []
  for (const call of alone) {
    const start = performance.now()
    await spool.accept('calls', [call])
    waits.push(performance.now() - start)
  }
  let next = alone.length
  const before = spool.stats().commits
  const start = performance.now()
  const work = async (): Promise<void> => {
    while (next < calls.length) {
      const batch = calls.slice(next, next + size)
      next += size
      await spool.accept('calls', batch)
    }
  }
  await Promise.all(Array.from({ length: callers }, work))
  const sorted = waits.toSorted((a, b) => a - b)
  return {
    seconds: (performance.now() - start) / 1_000,
    commits: spool.stats().commits - before,
    singleP50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    singleP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  }
}

interface Loaded {
  readonly seconds: number
  readonly segments: number
  readonly bytes: number
}

/** Time to verify, insert and delete all segments, with rollups, deduplication and syncs. */
async function measureLoad(store: OpenStore, directory: string): Promise<Loaded> {
  const start = performance.now()
  let bytes = 0
  const sealed = await listSealed(directory)
  for (const each of sealed) {
    const segment = await readSealed(each)
    await store.load(segment)
    await removeSealed(each)
    bytes += segment.bytes
  }
  return { seconds: (performance.now() - start) / 1_000, segments: sealed.length, bytes }
}

/** The same rows as objects through the client, 10,000 at a time, into the same table: neither durable nor repeatable. */
async function measureFloor(path: string, calls: readonly Call[]): Promise<number> {
  const { createChdbConnection } = await import('chdb/connection')
  // chdb implements the client's connection; the two packages declare its types apart.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const client = createClient({ connection: createChdbConnection({ path }) as never })
  try {
    await client.command({ query: 'USE equipoise' })
    const start = performance.now()
    for (let at = 0; at < calls.length; at += 10_000) {
      const values = calls.slice(at, at + 10_000).map(jsonRow)
      await client.insert({ table: 'calls', values, format: 'JSONEachRow' })
    }
    return (performance.now() - start) / 1_000
  } finally {
    await client.close()
  }
}

function jsonRow(call: Call): Record<string, unknown> {
  const { machine, startedAtMs, ...rest } = call
  const fields = [
    ...Object.entries(rest),
    ...Object.entries(machine).map(([name, value]) => [`machine.${name}`, value] as const),
  ]
  return {
    started_at: new Date(startedAtMs).toISOString().slice(0, -1),
    ...Object.fromEntries(fields.map(([name, value]) => [snakeCase(name), value])),
  }
}

function snakeCase(name: string): string {
  return name.replace('.', '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function report(measured: {
  readonly rows: number
  readonly accept: Accepted
  readonly load: Loaded
  readonly floorSeconds: number
  readonly stored: { readonly rows: number; readonly bytes: number }
}): Record<string, number> {
  const { rows, accept, load, floorSeconds, stored } = measured
  const acceptRate = (rows - Math.min(200, rows)) / accept.seconds
  const loadRate = rows / load.seconds
  const floorRate = rows / floorSeconds
  const bothRate = rows / (rows / acceptRate + load.seconds)
  console.log(`accept, durable      ${perSecond(acceptRate)}  (${accept.commits} commits)`)
  console.log(`load of ${String(load.segments).padStart(3)} segments ${perSecond(loadRate)}`)
  console.log(`accept then load     ${perSecond(bothRate)}`)
  console.log(`plain JSON insert    ${perSecond(floorRate)}  (floor)`)
  console.log(
    `one call at a time   ${accept.singleP50Ms.toFixed(2)} ms p50, ${accept.singleP99Ms.toFixed(2)} ms p99\n`,
  )
  return {
    rows,
    missing_rows: rows - stored.rows,
    accept_rows_per_second: Math.round(acceptRate),
    load_rows_per_second: Math.round(loadRate),
    accept_and_load_rows_per_second: Math.round(bothRate),
    floor_rows_per_second: Math.round(floorRate),
    accept_to_floor: rounded(acceptRate / floorRate),
    load_to_floor: rounded(loadRate / floorRate),
    accept_and_load_to_floor: rounded(bothRate / floorRate),
    single_accept_p50_ms: rounded(accept.singleP50Ms),
    single_accept_p99_ms: rounded(accept.singleP99Ms),
    spool_bytes_per_row: Math.round(load.bytes / rows),
    store_bytes_per_row: Math.round(stored.bytes / rows),
  }
}

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString('en-US').padStart(9)} rows/s`
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
