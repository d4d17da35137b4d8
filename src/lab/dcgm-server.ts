// An emulated DCGM exporter: the GPUs of one node under DCGM's own names and labels.
import { hash32 } from '../stats/random.ts'
import { listenOnLoopback, sendMetrics } from './loopback-server.ts'
import type { BusyShare } from './busy-meter.ts'

/** What runs on a GPU. */
interface GpuLoad {
  busyShare(windowMs: number): BusyShare
}

export interface DcgmServerOptions {
  /** 0 = any free port. */
  readonly port: number
  readonly hostname: string
  readonly gpuModel: string
  readonly memoryMiB: number
  /** By GPU index; `null` = nobody uses it. */
  readonly loads: readonly (GpuLoad | null)[]
}

export interface DcgmServer {
  readonly url: string
  readonly uuids: readonly string[]
  close(): Promise<void>
}

/** DCGM's mark for "this GPU has no such sensor" in older exporters. */
const notSupported = '9223372036854775794'
const driverVersion = '570.86.15'
/** How far back a reading looks, as DCGM averages over its own interval. */
const windowMs = 5_000
/** What an engine takes of the memory when it starts, whatever it does later. */
const engineMemoryShare = 0.9
const reservedMiB = 475
const idleWatts = 17
const busyWatts = 55

/** Starts the exporter of one node on loopback. */
export async function startDcgmServer(options: DcgmServerOptions): Promise<DcgmServer> {
  const gpus = options.loads.map((load, index) => createGpu(options, load, index))
  const server = await listenOnLoopback(options.port, (request, response) => {
    if (request.url === '/metrics')
      return sendMetrics(response, expose(gpus.map((gpu) => gpu.read())))
    response.writeHead(request.url === '/health' ? 200 : 404).end()
  })
  return { url: server.url, uuids: gpus.map((gpu) => gpu.uuid), close: () => server.close() }
}

/** A GPU's UUID: made from its place, so that it is the same in every run. */
export function gpuUuid(hostname: string, index: number): string {
  const hex = [0, 1, 2, 3]
    .map((part) => hash32(`${hostname}/${index}/${part}`).toString(16).padStart(8, '0'))
    .join('')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return `GPU-${parts.join('-')}-${hex.slice(20)}`
}

interface Reading {
  readonly labels: string
  readonly values: ReadonlyMap<Field, string>
}

type Field = (typeof fields)[number][0]

/** Name, type and help in the exporter's order. */
const fields = [
  ['DCGM_FI_DEV_SM_CLOCK', 'gauge', 'SM clock frequency (in MHz).'],
  ['DCGM_FI_DEV_MEMORY_TEMP', 'gauge', 'Memory temperature (in C).'],
  ['DCGM_FI_DEV_GPU_TEMP', 'gauge', 'GPU temperature (in C).'],
  ['DCGM_FI_DEV_POWER_USAGE', 'gauge', 'Power draw (in W).'],
  [
    'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    'counter',
    'Total energy consumption since boot (in mJ).',
  ],
  ['DCGM_FI_DEV_GPU_UTIL', 'gauge', 'GPU utilization (in %).'],
  ['DCGM_FI_DEV_XID_ERRORS', 'gauge', 'Value of the last XID error encountered.'],
  ['DCGM_FI_DEV_FB_FREE', 'gauge', 'Framebuffer memory free (in MiB).'],
  ['DCGM_FI_DEV_FB_USED', 'gauge', 'Framebuffer memory used (in MiB).'],
  ['DCGM_FI_DEV_FB_RESERVED', 'gauge', 'Framebuffer memory reserved (in MiB).'],
  ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'gauge', 'Ratio of time the graphics engine is active.'],
  ['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 'gauge', 'Ratio of cycles the tensor (HMMA) pipe is active.'],
  [
    'DCGM_FI_PROF_DRAM_ACTIVE',
    'gauge',
    'Ratio of cycles the device memory interface is active sending or receiving data.',
  ],
] as const

function createGpu(options: DcgmServerOptions, load: GpuLoad | null, index: number) {
  const uuid = gpuUuid(options.hostname, index)
  const labels = [
    ['gpu', String(index)],
    ['UUID', uuid],
    ['pci_bus_id', `00000000:${(0x38 + 2 * index).toString(16).toUpperCase()}:00.0`],
    ['device', `nvidia${index}`],
    ['modelName', options.gpuModel],
    ['hostname', options.hostname],
    ['DCGM_FI_DRIVER_VERSION', driverVersion],
  ]
  const labelText = labels.map(([key, value]) => `${key}="${value}"`).join(',')
  let temperature = 34
  let energyMj = 5e9 + index * 1e6
  let readMs = performance.now()

  const read = (): Reading => {
    const now = performance.now()
    const seconds = (now - readMs) / 1_000
    readMs = now
    const share = load?.busyShare(windowMs) ?? { busy: 0, prefill: 0, decode: 0 }
    const watts = idleWatts + busyWatts * share.busy
    energyMj += watts * seconds * 1_000
    // Heat follows power with a time constant of a minute.
    temperature += (30 + 0.55 * watts - temperature) * (1 - Math.exp(-seconds / 60))
    const usedMiB = load === null ? 3 : Math.round(engineMemoryShare * options.memoryMiB)
    const values = new Map<Field, string>([
      ['DCGM_FI_DEV_SM_CLOCK', share.busy > 0 ? '2040' : '210'],
      // L4 boards have no sensor for it.
      ['DCGM_FI_DEV_MEMORY_TEMP', notSupported],
      ['DCGM_FI_DEV_GPU_TEMP', temperature.toFixed(0)],
      ['DCGM_FI_DEV_POWER_USAGE', watts.toFixed(6)],
      ['DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', energyMj.toFixed(0)],
      ['DCGM_FI_DEV_GPU_UTIL', (100 * share.busy).toFixed(0)],
      ['DCGM_FI_DEV_XID_ERRORS', '0'],
      ['DCGM_FI_DEV_FB_FREE', String(options.memoryMiB - reservedMiB - usedMiB)],
      ['DCGM_FI_DEV_FB_USED', String(usedMiB)],
      ['DCGM_FI_DEV_FB_RESERVED', String(reservedMiB)],
      ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', share.busy.toFixed(6)],
      // Prefill is bound by the tensor cores, decode by memory bandwidth.
      ['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', (0.75 * share.prefill + 0.06 * share.decode).toFixed(6)],
      ['DCGM_FI_PROF_DRAM_ACTIVE', (0.35 * share.prefill + 0.72 * share.decode).toFixed(6)],
    ])
    return { labels: labelText, values }
  }
  return { uuid, read }
}

function expose(readings: readonly Reading[]): string {
  return fields
    .map(([name, type, help]) => {
      const lines = readings.map(({ labels, values }) => `${name}{${labels}} ${values.get(name)}`)
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
    })
    .join('')
}
