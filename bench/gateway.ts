// What the gateway costs: requests a second and latency through it against nginx and no proxy at all, on one core.
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnSync } from 'node:child_process'
import type { Benchmark } from './benchmark.ts'
import {
  hasNginx,
  hasWrk,
  runWrk,
  startProxyNginx,
  startStaticNginx,
  type Load,
  type Peer,
} from './gateway-peers.ts'

export const gateway: Benchmark = {
  name: 'gateway',
  summary: 'Requests/s and added latency through the gateway, against nginx and direct.',
  options: {
    seconds: 'seconds a cell (default 3)',
    sampling: 'share of calls whose text is redacted and kept (default 5%)',
    streams: 'concurrent streams for the time to first token (default 32)',
  },
  async run(options) {
    const seconds = Number(options['seconds'] ?? '3')
    const sampling = options['sampling'] ?? '5%'
    const streams = Number(options['streams'] ?? '32')
    const directory = await mkdtemp(join(tmpdir(), 'equipoise-bench-'))
    const bench = await startAll(directory, sampling)
    try {
      const throughput = hasWrk ? await measureThroughput(bench, { seconds, directory }) : {}
      if (!hasWrk)
        console.log(
          'wrk is not installed: requests/s are not measured (Debian: apt-get install wrk).',
        )
      const latency = await measureFirstToken(bench, streams)
      return { ...throughput, ...latency }
    } finally {
      bench.stop()
      await rm(directory, { recursive: true, force: true })
    }
  },
}

const key = 'bench-key-0123456789'

interface Bench {
  readonly direct: string
  readonly directStream: string
  readonly gateway: string
  readonly nginx: string | undefined
  readonly nginxStream: string | undefined
  readonly process: ChildProcess
  stop(): void
}

/** Proxies run on the last core, clients and servers on the first. */
async function startAll(directory: string, sampling: string): Promise<Bench> {
  const proxyCore = cpus().length - 1
  const peers: Peer[] = []
  const children: ChildProcess[] = []
  const start = async (role: string, args: readonly string[], core: number) => {
    const child = forkProcess(role, args, core)
    children.push(child)
    return { child, url: `http://127.0.0.1:${await portOf(child)}` }
  }
  const node = await start('upstream', [], 0)
  const json = hasNginx ? await startStaticNginx(directory, 0) : { url: node.url, stop: () => {} }
  peers.push(json)
  const spool = join(directory, 'spool')
  const own = await start('gateway', [json.url, node.url, key, spool, sampling], proxyCore)
  if (!hasNginx)
    console.log(
      'nginx is not installed: its column is left out (Debian: apt-get install nginx-light).',
    )
  const proxy = hasNginx ? await startProxyNginx(directory, proxyCore, json.url) : undefined
  const streamProxy = hasNginx ? await startProxyNginx(directory, proxyCore, node.url) : undefined
  peers.push(...[proxy, streamProxy].filter((peer) => peer !== undefined))
  return {
    direct: json.url,
    directStream: node.url,
    gateway: own.url,
    nginx: proxy?.url,
    nginxStream: streamProxy?.url,
    process: own.child,
    stop: () => {
      for (const child of children) child.kill('SIGKILL')
      for (const peer of peers) peer.stop()
    },
  }
}

function forkProcess(role: string, args: readonly string[], core: number): ChildProcess {
  const file = join(import.meta.dirname, `gateway-process${extname(import.meta.filename)}`)
  const child = fork(file, [role, ...args])
  spawnSync('taskset', ['-a', '-p', '-c', String(core), String(child.pid)])
  return child
}

async function portOf(child: ChildProcess): Promise<number> {
  const message = await replyOf(child)
  const port = message['port']
  if (typeof port !== 'number') throw new Error('the process reported no port')
  return port
}

function replyOf(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve({ ...Object(message) }))
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${code}`)))
  })
}

interface Row {
  readonly name: string
  readonly one: Load
  readonly many: Load
}

async function measureThroughput(
  bench: Bench,
  { seconds, directory }: { seconds: number; directory: string },
): Promise<Record<string, number>> {
  const script = join(directory, 'post.lua')
  await writeFile(script, wrkScript())
  const cell = (url: string, connections: number) =>
    runWrk({ url: `${url}/v1/chat/completions`, connections, seconds, script, core: 0 })
  const row = async (name: string, url: string): Promise<Row> => {
    return { name, one: await cell(url, 1), many: await cell(url, 32) }
  }
  const direct = await row('direct', bench.direct)
  const nginx = bench.nginx === undefined ? undefined : await row('nginx', bench.nginx)
  // The compiler needs some thousand calls before it has made machine code of all that matters.
  await cell(bench.gateway, 32)
  const before = await usageOf(bench.process)
  const own = await row('equipoise', bench.gateway)
  const after = await usageOf(bench.process)
  printRows([direct, ...(nginx === undefined ? [] : [nginx]), own])
  const calls = (own.one.requestsPerSecond + own.many.requestsPerSecond) * seconds
  console.log(
    `\nProcessor time of the gateway: ${(((after.cpu - before.cpu) / calls) * 1e6).toFixed(0)} µs a call; memory ${after.rss.toFixed(0)} MiB.\n`,
  )
  return {
    gateway_rps: own.many.requestsPerSecond,
    gateway_added_p50_ms: rounded(own.one.p50Ms - direct.one.p50Ms),
    gateway_errors: own.one.errors + own.many.errors,
    gateway_cpu_us: rounded(((after.cpu - before.cpu) / calls) * 1e6),
    gateway_rss_mib: rounded(after.rss),
    ...(nginx === undefined
      ? {}
      : {
          gateway_rps_vs_nginx: rounded(own.many.requestsPerSecond / nginx.many.requestsPerSecond),
          nginx_rps: nginx.many.requestsPerSecond,
          nginx_added_p50_ms: rounded(nginx.one.p50Ms - direct.one.p50Ms),
        }),
  }
}

/** A request of about 1 KB. */
function wrkScript(): string {
  const messages = [{ role: 'user', content: 'word '.repeat(200) }]
  return `wrk.method = "POST"
wrk.body = '${JSON.stringify({ model: 'bench', messages, max_tokens: 80 })}'
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${key}"
`
}

async function usageOf(child: ChildProcess): Promise<{ cpu: number; rss: number }> {
  const reply = replyOf(child)
  child.send('usage')
  const { cpuSeconds, rssMiB } = await reply
  return { cpu: Number(cpuSeconds), rss: Number(rssMiB) }
}

function printRows(rows: readonly Row[]): void {
  console.log('JSON, one core            1 connection          32 connections')
  console.log('                       req/s     p50 ms       req/s     p50 ms   errors')
  for (const { name, one, many } of rows) {
    const cells = [
      one.requestsPerSecond.toFixed(0).padStart(10),
      one.p50Ms.toFixed(3).padStart(11),
      many.requestsPerSecond.toFixed(0).padStart(12),
      many.p50Ms.toFixed(3).padStart(11),
      String(one.errors + many.errors).padStart(9),
    ]
    console.log(`${name.padEnd(18)}${cells.join('')}`)
  }
}

async function measureFirstToken(bench: Bench, streams: number): Promise<Record<string, number>> {
  const targets = [
    { name: 'direct', url: bench.directStream },
    ...(bench.nginxStream === undefined ? [] : [{ name: 'nginx', url: bench.nginxStream }]),
    { name: 'equipoise', url: bench.gateway },
  ]
  const medians: Record<string, number> = {}
  console.log(`Time to first token, ${streams} streams at once, ms (median of 10 rounds)`)
  for (const { name, url } of targets) {
    await firstTokens(url, streams)
    const times: number[] = []
    for (let round = 0; round < 10; round += 1) times.push(...(await firstTokens(url, streams)))
    medians[name] = median(times)
    console.log(`${name.padEnd(18)}${medians[name].toFixed(2).padStart(10)}`)
  }
  const added = (name: string) =>
    rounded((medians[name] ?? Number.NaN) - (medians['direct'] ?? Number.NaN))
  return {
    gateway_added_ttft_ms: added('equipoise'),
    ...(medians['nginx'] === undefined ? {} : { nginx_added_ttft_ms: added('nginx') }),
  }
}

const agent = new Agent({ keepAlive: true })

/** Starts streams evenly over 20 ms, as arrivals are, and returns each one's wait for its first bytes. */
function firstTokens(url: string, streams: number): Promise<number[]> {
  const body = JSON.stringify({
    model: 'stream',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  })
  const one = async (index: number): Promise<number> => {
    await sleep((index * 20) / streams)
    const from = performance.now()
    return new Promise((resolve, reject) => {
      const outgoing = request(`${url}/v1/chat/completions`, {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${key}`,
          'content-length': Buffer.byteLength(body),
        },
      })
      outgoing.on('error', reject)
      outgoing.on('response', (response) => {
        let firstMs: number | undefined
        response.on('data', () => {
          firstMs ??= performance.now() - from
        })
        response.on('end', () => resolve(firstMs ?? Number.NaN))
      })
      outgoing.end(body)
    })
  }
  return Promise.all(Array.from({ length: streams }, (_, index) => one(index)))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
