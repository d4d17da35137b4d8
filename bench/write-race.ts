// Sends the same write requests to each receiver by turns and measures until a query sees the newest sample.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, peakRss } from './process-meter.ts'
import { send } from './sender.ts'
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
    await Promise.all(load.connections.map((bodies) => send(server.writeUrl, bodies, writeHeaders)))
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

const writeHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
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
