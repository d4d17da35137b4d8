// The receivers of remote write that the ingest benchmark compares, each in a process of its own on one core.
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { freePort } from './gateway-peers.ts'
import type { WriteLoad } from './lab-samples.ts'
import { startEquipoise } from './own-server.ts'
import { end, start } from './pinned-process.ts'

export interface WriteServer {
  readonly name: string
  readonly pid: number
  readonly writeUrl: string
  /** Whether a query sees the newest sample of every request of the newest scrape. */
  isQueryable(load: WriteLoad): Promise<boolean>
  /** Flushes and merges as far as the system lets itself be told, stops it, and says what is on disk. */
  finish(load: WriteLoad): Promise<Stored>
  stop(): Promise<void>
}

export interface Stored {
  /** Samples that it should hold and does not; `null` = it was not asked. */
  readonly missing: number | null
  /** Samples and what finds them. */
  readonly bytes: number
  /** Rollups, where it keeps any. */
  readonly rollupBytes: number
}

export interface WriteServerKind {
  readonly name: string
  /** The program that must be there; `null` = it is our own. */
  readonly binary: string | null
  start(directory: string, core: number): Promise<WriteServer>
}

/** Ours first, then those of the field. */
export const writeServers: readonly WriteServerKind[] = [
  { name: 'equipoise', binary: null, start: startEquipoise },
  { name: 'prometheus', binary: '/usr/bin/prometheus', start: startPrometheus },
  { name: 'victoriametrics', binary: '/usr/bin/victoria-metrics', start: startVictoriaMetrics },
]

export function isThere(kind: WriteServerKind): boolean {
  return kind.binary === null || existsSync(kind.binary)
}

async function startPrometheus(directory: string, core: number): Promise<WriteServer> {
  const port = await freePort()
  const data = join(directory, 'data')
  const config = join(directory, 'prometheus.yml')
  await mkdir(directory, { recursive: true })
  await writeFile(config, 'global: {}\n')
  const child = start(core, [
    '/usr/bin/prometheus',
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    '--web.enable-admin-api',
    '--log.level=error',
  ])
  const url = `http://127.0.0.1:${port}`
  await answers(`${url}/-/ready`, child)
  return {
    name: 'prometheus',
    pid: child.pid ?? 0,
    writeUrl: `${url}/api/v1/write`,
    isQueryable: (load) => seesNewest(url, load),
    async finish() {
      // What its head would become as a block; the write-ahead log beside it is left out.
      const answer = await fetch(`${url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' })
      if (!answer.ok) throw new Error(`prometheus made no snapshot: ${await answer.text()}`)
      const bytes = sizeOf(join(data, 'snapshots'))
      await end(child)
      return { missing: null, bytes, rollupBytes: 0 }
    },
    stop: () => end(child),
  }
}

async function startVictoriaMetrics(directory: string, core: number): Promise<WriteServer> {
  const port = await freePort()
  const data = join(directory, 'data')
  const child = start(core, [
    '/usr/bin/victoria-metrics',
    `-storageDataPath=${data}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-search.latencyOffset=0s',
    '-loggerLevel=ERROR',
  ])
  const url = `http://127.0.0.1:${port}`
  await answers(`${url}/health`, child)
  return {
    name: 'victoriametrics',
    pid: child.pid ?? 0,
    writeUrl: `${url}/api/v1/write`,
    isQueryable: (load) => seesNewest(url, load),
    async finish() {
      await fetch(`${url}/internal/force_flush`)
      await fetch(`${url}/internal/force_merge`)
      const bytes = await settledSize(data)
      await end(child)
      return { missing: null, bytes, rollupBytes: 0 }
    },
    stop: () => end(child),
  }
}

/** Whether each selector has a sample of the newest scrape. */
async function seesNewest(url: string, load: WriteLoad): Promise<boolean> {
  for (const selector of load.lastSelectors) {
    const query = new URLSearchParams({
      query: `last_over_time(timestamp(${selector})[1m:1s])`,
      time: String(load.lastScrapeMs / 1_000 + 15),
      nocache: '1',
    })
    const answer = await fetch(`${url}/api/v1/query?${query.toString()}`)
    const { data } = instantAnswer.parse(await answer.json())
    const newest = Number(data.result[0]?.value[1] ?? 0) * 1_000
    if (newest < load.lastScrapeMs - 1_000) return false
  }
  return true
}

const instantAnswer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok === true) return
    await sleep(50)
  }
  throw new Error(`nothing answers at ${url}`)
}

/** Size of a directory once merges in the background have ended. */
async function settledSize(directory: string): Promise<number> {
  let size = sizeOf(directory)
  for (let calm = 0; calm < 3;) {
    await sleep(1_000)
    const now = sizeOf(directory)
    calm = now === size ? calm + 1 : 0
    size = now
  }
  return size
}

function sizeOf(directory: string): number {
  return readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return sum + sizeOf(path)
    return sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0)
  }, 0)
}
