// The store benchmark's own process, with as many threads for files and queries as `equipoise up` has.
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { createApp } from '../src/api/app.ts'
import { LiveFeed } from '../src/api/live-feed.ts'
import { testContext } from '../src/api/test-context.ts'
import type { Config } from '../src/config/schema.ts'
import { buildFleet } from '../src/fleet/topology.ts'
import { createRandom } from '../src/stats/random.ts'
import { quantile } from '../src/lab/replay-report.ts'
import { openStore, type OpenStore } from '../src/store/open-store.ts'
import { storageByTable } from '../src/store/queries/storage.ts'
import { createLog } from '../src/telemetry/log.ts'
import { benchConfig } from './store-fleet.ts'
import {
  hourMs,
  hours,
  loadCalls,
  loadLedger,
  loadSamples,
  loadScores,
  loadSeries,
  type LoadOrder,
} from './store-load.ts'

const orderSchema = z.object({
  calls: z.coerce.number().int().min(1_000),
  samples: z.coerce.number().int().min(1_000),
  repetitions: z.coerce.number().int().min(2),
  directory: z.string(),
})

type Order = z.infer<typeof orderSchema>

const tablesOfTraffic = [
  'calls',
  'calls_1m',
  'calls_5m',
  'calls_30m',
  'scores',
  'scores_1m',
  'scores_5m',
  'scores_30m',
  'answers',
]

const windows = { '6h': 6, '24h': 24, '7d': 7 * 24 } as const

process.send?.(await run(orderSchema.parse(JSON.parse(process.argv[2] ?? '{}'))))
process.disconnect()

async function run(order: Order): Promise<Record<string, number>> {
  const isKept = order.directory !== ''
  if (isKept) await mkdir(order.directory, { recursive: true })
  const directory = isKept ? order.directory : await mkdtemp(join(tmpdir(), 'bench-store-'))
  await requireRoom(directory, order)
  const config = benchConfig(directory)
  const store = await openStore({
    config: config.store,
    dataDirectory: directory,
    log: createLog('bench', 'silent'),
  })
  try {
    return await loadAndMeasure({ order, config, store })
  } finally {
    await store.close()
    if (!isKept) await rm(directory, { recursive: true })
  }
}

/** Rows, their rollups, and as much again while parts are merged. */
async function requireRoom(directory: string, { calls, samples }: Order): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const needed = 2 * (calls * 250 + samples * 12)
  if (bavail * bsize < needed) {
    throw new Error(`${directory} has ${gib(bavail * bsize)} left and this takes ${gib(needed)}`)
  }
}

interface Bench {
  readonly order: Order
  readonly config: Config
  readonly store: OpenStore
}

async function loadAndMeasure(bench: Bench): Promise<Record<string, number>> {
  const { order, store } = bench
  const [known] = await store.query<{ readonly ms: number }>(
    "SELECT toUnixTimestamp64Milli(toDateTime64(min(minute), 3, 'UTC')) AS ms FROM calls_1m HAVING count() > 0",
  )
  const endMs = known === undefined ? lastHour(Date.now()) : known.ms + hours * hourMs
  const read = boardReader({ ...bench, endMs })
  if (known !== undefined) return { ...(await measureAll(read, order, endMs)) }
  const load: LoadOrder = { ...order, startMs: endMs - hours * hourMs, name: 'small' }
  const sampleRate = await loadFleet(store, load)
  await loadTraffic(store, { ...load, calls: Math.round(order.calls / 10) })
  await settle(store)
  const small = await measure(read, { name: '24h', repetitions: order.repetitions, endMs })
  for (const table of tablesOfTraffic) {
    await store.command(`TRUNCATE TABLE ${table}`)
  }
  const callRate = await loadTraffic(store, { ...load, name: 'large' })
  await settle(store)
  const sizes = await printStorage(store)
  const figures = await measureAll(read, order, endMs)
  return {
    ...figures,
    growth_1m_10m: rounded((figures['p95_ms_24h'] ?? Number.NaN) / small.p95),
    growth_p50_1m_10m: rounded((figures['p50_ms_24h'] ?? Number.NaN) / small.p50),
    growth_cpu_1m_10m: rounded((figures['cpu_ms_24h'] ?? Number.NaN) / small.cpu),
    calls: order.calls,
    samples: order.samples,
    repetitions: order.repetitions,
    samples_per_second: Math.round(sampleRate),
    calls_per_second: Math.round(callRate),
    ...sizes,
  }
}

function lastHour(nowMs: number): number {
  return Math.floor(nowMs / hourMs) * hourMs
}

/** Samples and bill. @returns samples a second */
async function loadFleet(store: OpenStore, load: LoadOrder): Promise<number> {
  const seriesIds = await loadSeries(store, load.samples)
  const seconds = await timed(() => loadSamples(store, load, seriesIds))
  console.log(`${load.samples} samples of ${seriesIds.length} series in ${seconds.toFixed(1)} s`)
  await loadLedger(store, load)
  return load.samples / seconds
}

/** Calls and scores. @returns calls a second, their scores included */
async function loadTraffic(store: OpenStore, load: LoadOrder): Promise<number> {
  const seconds = await timed(async () => {
    await loadCalls(store, load)
    await loadScores(store, load)
  })
  console.log(`${load.calls} calls with their scores in ${seconds.toFixed(1)} s`)
  return load.calls / seconds
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}

/** Waits until the engine has no merge under way, as in the program's quiet hours; nothing is merged by order. */
async function settle(store: OpenStore): Promise<void> {
  let quiet = 0
  for (let tries = 0; tries < 240 && quiet < 6; tries += 1) {
    const [row] = await store.query<{ readonly merges: number }>(
      'SELECT count() AS merges FROM system.merges',
    )
    quiet = row?.merges === 0 ? quiet + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

async function printStorage(store: OpenStore): Promise<Record<string, number>> {
  const tables = await storageByTable(store)
  for (const { table, rows, bytes, parts } of tables) {
    const each = (bytes / rows).toFixed(2)
    console.log(
      `  ${table.padEnd(12)} ${rows.toLocaleString('en-US').padStart(12)} rows, ${gib(bytes)}, ${each} bytes a row, ${parts} parts`,
    )
  }
  const bytesOf = (name: string) => tables.find(({ table }) => table === name)?.bytes ?? 0
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0)
  return { bytes: total, bytes_samples: bytesOf('samples'), bytes_calls: bytesOf('calls') }
}

type ReadBoard = (fromMs: number, toMs: number) => Promise<string>

/** `GET /api/v1/board` without the socket. Between two requests a minute passes, so that no answer is reused. */
function boardReader({ config, store, endMs }: Bench & { readonly endMs: number }): ReadBoard {
  const fleet = buildFleet(config.fleet)
  let nowMs = endMs
  const context = testContext({
    config: () => config,
    fleet: () => fleet,
    store,
    now: () => nowMs,
    live: new LiveFeed({ tickEveryMs: 0 }),
  })
  const app = createApp(context)
  return async (fromMs, toMs) => {
    nowMs += 60_000
    const span = new URLSearchParams({ from: iso(fromMs), to: iso(toMs) })
    const response = await app.request(`http://127.0.0.1/api/v1/board?${span.toString()}`)
    const body = await response.text()
    if (!response.ok) throw new Error(`the board answered ${response.status}: ${body}`)
    return body
  }
}

interface Latency {
  readonly p50: number
  readonly p95: number
  /** Milliseconds of processor time that the median board takes, engine included: steadier than time on a busy machine. */
  readonly cpu: number
}

interface MeasureOrder {
  readonly name: keyof typeof windows
  readonly repetitions: number
  /** End of the data, epoch milliseconds. */
  readonly endMs: number
}

async function measureAll(read: ReadBoard, { repetitions }: Order, endMs: number) {
  const figures: Record<string, number> = {}
  for (const name of ['6h', '24h', '7d'] as const) {
    const { p50, p95, cpu } = await measure(read, { name, repetitions, endMs })
    figures[`p50_ms_${name}`] = rounded(p50)
    figures[`p95_ms_${name}`] = rounded(p95)
    figures[`cpu_ms_${name}`] = rounded(cpu)
  }
  return figures
}

/** Boards of windows that end at varied minutes of the last day, one after another. */
async function measure(read: ReadBoard, order: MeasureOrder): Promise<Latency> {
  const { name, repetitions, endMs } = order
  const random = createRandom(`store/${name}`)
  const times: number[] = []
  const works: number[] = []
  let bytes = 0
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const toMs = endMs - random.below(23 * 60) * 60_000
    const before = process.cpuUsage()
    const start = performance.now()
    bytes = (await read(toMs - windows[name] * hourMs, toMs)).length
    times.push(performance.now() - start)
    const { user, system } = process.cpuUsage(before)
    works.push((user + system) / 1_000)
  }
  const latency = {
    p50: quantileOf(times, 0.5),
    p95: quantileOf(times, 0.95),
    cpu: quantileOf(works, 0.5),
  }
  const [first = Number.NaN] = times
  console.log(
    `board of ${name.padStart(3)}: p50 ${latency.p50.toFixed(0)} ms, p95 ${latency.p95.toFixed(0)} ms, cpu ${latency.cpu.toFixed(0)} ms, first ${first.toFixed(0)} ms (${repetitions} times, ${Math.round(bytes / 1_024)} KiB)`,
  )
  return latency
}

function quantileOf(times: readonly number[], share: number): number {
  return quantile(times, share) ?? Number.NaN
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
