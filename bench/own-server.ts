// Our own receiver: the program as it is installed, in a process of its own.
import type { ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { storeSchema } from '../src/config/server-schema.ts'
import { openStore } from '../src/store/open-store.ts'
import { createLog } from '../src/telemetry/log.ts'
import { end, start } from './pinned-process.ts'
import type { Stored, WriteServer } from './write-servers.ts'

export interface OwnServer {
  readonly pid: number
  readonly url: string
  readonly dataDirectory: string
  /** First row of a SELECT, as numbers. */
  query(sql: string): Promise<readonly number[]>
  stop(): Promise<void>
}

/** The whole program: page, API, spool, store and rollups; only the gateway, which takes no part, is off. */
export async function startOwnServer(directory: string, core: number): Promise<OwnServer> {
  const dataDirectory = join(directory, 'data')
  const config = join(directory, 'equipoise.yaml')
  await mkdir(directory, { recursive: true })
  await writeFile(
    config,
    `dataDirectory: ${dataDirectory}\nserver: { port: 0 }\ngateway: { enabled: false }\n`,
  )
  const main = resolve(import.meta.dirname, '../src/cli/main.js')
  // A folder: Node writes there where the main thread's time went.
  const profile = process.env['EQUIPOISE_BENCH_PROFILE']
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const child = start(core, [process.execPath, ...flags, main, 'up', '--config', config], {
    EQUIPOISE_LOG_LEVEL: 'warn',
    UV_THREADPOOL_SIZE: '16',
  })
  const url = await printedUrl(child)
  return {
    pid: child.pid ?? 0,
    url,
    dataDirectory,
    query: (sql) => queryOverHttp(url, sql),
    stop: () => end(child),
  }
}

async function queryOverHttp(url: string, sql: string): Promise<readonly number[]> {
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql }),
  })
  if (!answer.ok) throw new Error(`equipoise answered ${answer.status}: ${await answer.text()}`)
  const { rows } = queryAnswer.parse(await answer.json())
  return (rows[0] ?? []).map(Number)
}

const queryAnswer = z.object({ rows: z.array(z.array(z.unknown())) })

const since = (timeMs: number) => `countIf(time >= fromUnixTimestamp64Milli(${timeMs}))`

/** As a receiver of remote write. */
export async function startEquipoise(directory: string, core: number): Promise<WriteServer> {
  const server = await startOwnServer(directory, core)
  return {
    name: 'equipoise',
    pid: server.pid,
    writeUrl: `${server.url}/api/v1/write`,
    async isQueryable({ lastScrapeMs, scrapeEveryMs, series }) {
      // A few written series feed two of ours, so the newest scrape is all there when it is as large as the one before.
      const beforeMs = lastScrapeMs - scrapeEveryMs
      const [newest = 0, both = 0] = await server.query(
        `SELECT ${since(lastScrapeMs)}, ${since(beforeMs)} FROM samples
        WHERE time >= fromUnixTimestamp64Milli(${beforeMs})`,
      )
      return newest >= series && both === 2 * newest
    },
    finish: async (load) => {
      await server.stop()
      return await storedByUs(server.dataDirectory, load.scrapes)
    },
    stop: () => server.stop(),
  }
}

async function printedUrl(child: ChildProcess): Promise<string> {
  let text = ''
  return await new Promise((found, failed) => {
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString()
      const url = /page\s+(http:\S+)/.exec(text)?.[1]
      if (url !== undefined) found(url)
    })
    child.once('exit', (code) => failed(new Error(`equipoise ended with ${code}: ${text}`)))
  })
}

/** Merges everything, as time would, and sums what the parts take. */
async function storedByUs(dataDirectory: string, scrapes: number): Promise<Stored> {
  const log = createLog('bench', 'silent')
  const store = await openStore({ config: storeSchema.parse({}), dataDirectory, log })
  try {
    for (const table of ['samples', 'samples_1m', 'series']) {
      await store.command(`OPTIMIZE TABLE ${table} FINAL`)
    }
    const [row] = await store.query<{ missing: number; bytes: number; rollup: number }>(
      `SELECT (SELECT uniqExact(series_id) * ${scrapes} - count() FROM samples) AS missing,
        sumIf(bytes_on_disk, table IN ('samples', 'series')) AS bytes,
        sumIf(bytes_on_disk, table = 'samples_1m') AS rollup
      FROM system.parts WHERE active AND database = currentDatabase()`,
    )
    return {
      missing: row?.missing ?? Number.NaN,
      bytes: row?.bytes ?? Number.NaN,
      rollupBytes: row?.rollup ?? Number.NaN,
    }
  } finally {
    await store.close()
  }
}
