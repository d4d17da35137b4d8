// Readings as the lab's fleet exports them: engines under vLLM's names, each with a GPU under DCGM's, scraped every
// 15 seconds, as write requests of Prometheus remote write 1.0 that are ready to send.
import { compress } from 'snappyjs'
import { gpuUuid } from '../src/lab/dcgm-server.ts'
import { createEngineMetrics, type EngineMetrics } from '../src/lab/engine-metrics.ts'
import { createRandom, type Random } from '../src/stats/random.ts'

export interface WriteLoad {
  /** Requests by connection: those of one series stay in order on one of them. */
  readonly connections: readonly (readonly Buffer[])[]
  readonly series: number
  readonly scrapes: number
  readonly scrapeEveryMs: number
  readonly samples: number
  /** Time of the newest scrape's first sample (epoch ms). */
  readonly lastScrapeMs: number
  /** One series of each request of the newest scrape, as a selector. */
  readonly lastSelectors: readonly string[]
}

export interface WriteLoadOptions {
  /** At least this many series; whole engines are added up to it. */
  readonly series: number
  readonly samples: number
  readonly seriesPerRequest: number
  readonly connections: number
  /** Epoch ms at which the newest scrape ends. */
  readonly endMs: number
}

const scrapeEveryMs = 15_000

/** Everything that will be sent, made before the clock starts. */
export function makeWriteLoad(options: WriteLoadOptions): WriteLoad {
  const targets = makeTargets(options.series)
  const first = targets.map((target) => target.scrape(0))
  const labels = first.flat().map((line) => line.labels)
  const scrapes = Math.max(1, Math.round(options.samples / labels.length))
  const startMs = options.endMs - scrapes * scrapeEveryMs
  const requests = Math.ceil(labels.length / options.seriesPerRequest)
  const connections = Array.from({ length: options.connections }, (): Buffer[] => [])
  for (let scrape = 0; scrape < scrapes; scrape += 1) {
    const lines = targets.flatMap((target, index) => {
      const timeMs = startMs + scrape * scrapeEveryMs + ((index * 397) % scrapeEveryMs)
      const values = scrape === 0 ? first[index] : target.scrape(scrape)
      return (values ?? []).map((line) => ({ ...line, timeMs }))
    })
    for (let request = 0; request < requests; request += 1) {
      const from = request * options.seriesPerRequest
      const body = encode(lines.slice(from, from + options.seriesPerRequest))
      connections[request % options.connections]?.push(body)
    }
  }
  return {
    connections,
    series: labels.length,
    scrapes,
    scrapeEveryMs,
    samples: labels.length * scrapes,
    lastScrapeMs: startMs + (scrapes - 1) * scrapeEveryMs,
    lastSelectors: Array.from({ length: requests }, (_, request) => {
      const last = Math.min(labels.length, (request + 1) * options.seriesPerRequest) - 1
      return selectorOf(labels[last] ?? '')
    }),
  }
}

interface Line {
  /** As the text format has them, e.g. `name{a="b"}`, with the labels of the target. */
  readonly labels: string
  readonly value: number
}

interface Target {
  scrape(index: number): readonly Line[]
}

function makeTargets(series: number): readonly Target[] {
  const targets: Target[] = []
  let count = 0
  for (let index = 0; count < series; index += 1) {
    const made = [makeEngine(index), makeGpu(index)]
    count += made.reduce((sum, target) => sum + target.scrape(-1).length, 0)
    targets.push(made[0] ?? raise(), made[1] ?? raise())
  }
  return targets
}

function raise(): never {
  throw new Error('a target is missing')
}

/** An engine whose load rises and falls; every fifth serves next to nothing, as standby copies do. */
function makeEngine(index: number): Target {
  const random = createRandom(`engine ${index}`)
  const model = `model-${index % 7}`
  const options = { model, blockTokens: 16, maxModelTokens: 8_192, prefixCache: true }
  const metrics = createEngineMetrics(options)
  const busiest = index % 5 === 0 ? 0.02 : 0.3 + 3 * random.next()
  const target = `job="vllm",instance="10.0.${index >> 8}.${index & 255}:8000"`
  return {
    scrape(scrape) {
      const load = busiest * (0.6 + 0.4 * Math.sin(scrape / 60 + index))
      const requests = Math.floor((load * scrapeEveryMs) / 1_000 + random.next())
      for (let n = 0; n < requests; n += 1) serve(metrics, random)
      const state = {
        running: Math.round(4 * load + random.next()),
        waiting: random.chance(0.1) ? random.below(4) : 0,
        kvCacheUsage: Math.min(1, (Math.round(4 * load + random.next()) * 61) / 1_024),
        kvBlocks: 1_024,
      }
      return linesOf(metrics.expose(state), target)
    },
  }
}

/** One request from its arrival to its end; a few tokens stand for all. */
function serve(metrics: EngineMetrics, random: Random): void {
  const promptTokens = 20 + Math.floor(random.gamma(1.2, 700))
  const outputTokens = 2 + Math.floor(random.gamma(1.5, 120))
  const input = {
    promptTokens,
    outputTokens,
    prefixKeys: [],
    finishReason: 'stop' as const,
    maxTokens: 1_024,
    onToken: () => undefined,
    onFinish: () => undefined,
  }
  const sequence = {
    input,
    arrivedMs: 0,
    lease: null,
    computed: promptTokens,
    emitted: outputTokens,
    cachedTokens: 16 * random.below(20),
    scheduledMs: random.gamma(0.6, 30),
    firstTokenMs: null as number | null,
    lastTokenMs: 0,
  }
  metrics.onPrompt(sequence)
  let timeMs = sequence.scheduledMs + promptTokens * 0.15 + random.gamma(2, 20)
  for (let token = 0; token < Math.min(outputTokens, 20); token += 1) {
    metrics.onToken(sequence, timeMs)
    metrics.onStep(
      {
        decoding: [],
        prefilling: [],
        prefillTokens: token === 0 ? promptTokens : 0,
        preempted: 0,
        admitted: [],
      },
      1 + random.below(12),
    )
    sequence.firstTokenMs ??= timeMs
    sequence.lastTokenMs = timeMs
    timeMs += random.gamma(9, 2.4)
  }
  metrics.onFinish(sequence, random.chance(0.15) ? 'length' : 'stop', timeMs)
}

function makeGpu(index: number): Target {
  const random = createRandom(`gpu ${index}`)
  const hostname = `node-${index >> 1}`
  const gpu = index & 1
  const labels = `gpu="${gpu}",UUID="${gpuUuid(hostname, gpu)}",device="nvidia${gpu}",modelName="NVIDIA L4",Hostname="${hostname}",DCGM_FI_DRIVER_VERSION="570.86.15",job="dcgm",instance="${hostname}:9400"`
  let temperature = 40
  let energyMj = 5e9
  return {
    scrape(scrape) {
      const busy = Math.max(
        0,
        Math.min(1, 0.5 + 0.4 * Math.sin(scrape / 60 + index) + 0.1 * random.normal()),
      )
      const watts = 17 + 55 * busy
      energyMj += watts * 15_000
      temperature += 0.2 * (30 + 0.55 * watts - temperature)
      const prefill = busy * 0.3 * random.next()
      const values: Readonly<Record<string, number>> = {
        DCGM_FI_DEV_SM_CLOCK: busy > 0.02 ? 2_040 : 210,
        DCGM_FI_DEV_GPU_TEMP: Math.round(temperature),
        DCGM_FI_DEV_POWER_USAGE: rounded(watts),
        DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION: Math.round(energyMj),
        DCGM_FI_DEV_GPU_UTIL: Math.round(100 * busy),
        DCGM_FI_DEV_XID_ERRORS: 0,
        DCGM_FI_DEV_FB_FREE: 1_827,
        DCGM_FI_DEV_FB_USED: 20_735,
        DCGM_FI_PROF_GR_ENGINE_ACTIVE: rounded(busy),
        DCGM_FI_PROF_PIPE_TENSOR_ACTIVE: rounded(0.75 * prefill + 0.06 * busy),
        DCGM_FI_PROF_DRAM_ACTIVE: rounded(0.35 * prefill + 0.72 * busy),
      }
      return Object.entries(values).map(([name, value]) => ({
        labels: `${name}{${labels}}`,
        value,
      }))
    },
  }
}

/** Exporters print six places. */
function rounded(value: number): number {
  return Number(value.toFixed(6))
}

function linesOf(exposition: string, target: string): readonly Line[] {
  return exposition
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const end = line.lastIndexOf(' ')
      return { labels: `${line.slice(0, end - 1)},${target}}`, value: Number(line.slice(end + 1)) }
    })
}

interface TimedLine extends Line {
  readonly timeMs: number
}

/** `prometheus.WriteRequest` with one sample a series, in snappy's block format. */
function encode(lines: readonly TimedLine[]): Buffer {
  let at = 0
  for (const { labels, value, timeMs } of lines) {
    const known = labelBytes.get(labels) ?? encodeLabels(labels)
    labelBytes.set(labels, known)
    const time = varint(timeMs)
    at = scratch.writeUInt8(0x0a, at)
    at += varint(known.length + 12 + time.length).copy(scratch, at)
    at += known.copy(scratch, at)
    at = scratch.writeUInt16BE(0x1200 + 10 + time.length, at)
    at = scratch.writeUInt8(0x09, at)
    at = scratch.writeDoubleLE(value, at)
    at = scratch.writeUInt8(0x10, at)
    at += time.copy(scratch, at)
  }
  return Buffer.from(compress(scratch.subarray(0, at)))
}

/** Room for the largest request. */
const scratch = Buffer.alloc(32 * 1_024 * 1_024)

const labelBytes = new Map<string, Buffer>()

/** Every label as a message of its own, sorted by name as the specification wants it. */
function encodeLabels(labels: string): Buffer {
  const pairs = pairsOf(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat(
    pairs.map(([name, value]) =>
      field(0x0a, Buffer.concat([field(0x0a, Buffer.from(name)), field(0x12, Buffer.from(value))])),
    ),
  )
}

function pairsOf(labels: string): readonly (readonly [string, string])[] {
  const name = labels.slice(0, labels.indexOf('{'))
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
    ([, key = '', value = '']) => [key, value] as const,
  )
  return [['__name__', name], ...pairs]
}

function selectorOf(labels: string): string {
  return `{${pairsOf(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`
}

function field(tag: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}
