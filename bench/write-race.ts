// Sends the same write requests to each receiver by turns and measures until a query sees the newest sample.
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WriteLoad } from './lab-samples.ts'
import type { Stored, WriteServer, WriteServerKind } from './write-servers.ts'

export interface Lap extends Stored {
  readonly name: string
  /** From the first byte sent until a query sees the newest sample. */
  readonly seconds: number
  /** From the first byte sent until the last answer. */
  readonly answeredSeconds: number
  /** Processor time that the receiver took in `seconds`. */
  readonly cpuSeconds: number
  readonly peakRssMiB: number
}

/** One receiver, started afresh, on one core. */
export async function runLap(
  kind: WriteServerKind,
  load: WriteLoad,
  options: { readonly directory: string; readonly core: number },
): Promise<Lap> {
  const server = await kind.start(join(options.directory, kind.name), options.core)
  try {
    const cpuBefore = cpuSeconds(server.pid)
    const start = performance.now()
    await Promise.all(load.connections.map((bodies) => send(server.writeUrl, bodies)))
    const answeredSeconds = (performance.now() - start) / 1_000
    await becomesQueryable(server, load)
    const seconds = (performance.now() - start) / 1_000
    const cpu = cpuSeconds(server.pid) - cpuBefore
    const peakRssMiB = peakRss(server.pid)
    const stored = await server.finish(load)
    return { name: kind.name, seconds, answeredSeconds, cpuSeconds: cpu, peakRssMiB, ...stored }
  } finally {
    await server.stop()
  }
}

const mostWaitMs = 60_000

async function becomesQueryable(server: WriteServer, load: WriteLoad): Promise<void> {
  const start = performance.now()
  while (!(await server.isQueryable(load))) {
    if (performance.now() - start > mostWaitMs) {
      throw new Error(`${server.name} shows not all of ${load.series} series after a minute`)
    }
    await sleep(50)
  }
}

/** One connection: each request when the one before is answered. */
async function send(url: string, bodies: readonly Buffer[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    for (const body of bodies) await post(url, body, agent)
  } finally {
    agent.destroy()
  }
}

const writeHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

function post(url: string, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((done, failed) => {
    const headers = { ...writeHeaders, 'content-length': body.length }
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = ''
      answer.on('data', (data: Buffer) => {
        text += data.toString()
      })
      answer.on('end', () => {
        if (answer.statusCode === 204 || answer.statusCode === 200) done()
        else failed(new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 300)}`))
      })
    })
    sent.on('error', failed)
    sent.end(body)
  })
}

/** User and system time of a process with all its threads. */
function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticksPerSecond = 100
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function peakRss(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024
}
