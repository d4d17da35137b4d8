import { createServer, type Server } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { buildFleet } from '../fleet/topology.ts'
import type { Event } from '../records/event.ts'
import { RetryableError } from '../records/failure.ts'
import type { Accept, RecordKind, RecordKinds } from '../records/record-kind.ts'
import type { Sample } from '../records/sample.ts'
import { createLog } from '../telemetry/log.ts'
import { startScraping, type Scraping } from './scraping.ts'

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, 'prometheus', 'fixtures', name), 'utf8')

const uuid = 'GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52'
const infrastructure = '/aws/sagemaker/InferenceComponents'

/** A loopback server whose pages a test may change; `null` = it never answers. */
interface Pages {
  readonly pages: Map<string, { status?: number; type?: string; body: string } | null>
  readonly url: string
  close(): Promise<void>
}

async function servePages(): Promise<Pages> {
  const pages: Pages['pages'] = new Map()
  const server: Server = createServer((request, response) => {
    const page = pages.get(request.url ?? '')
    if (page === null) return
    response.writeHead(page?.status ?? (page === undefined ? 404 : 200), {
      'content-type': page?.type ?? 'text/plain; version=0.0.4',
    })
    response.end(page?.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    pages,
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const isHealth = ({ series }: Sample) => series.metric.startsWith('target.')

type Kept = { readonly [Kind in RecordKind]: RecordKinds[Kind][] }

interface Bench {
  readonly scraping: Scraping
  readonly samples: Sample[]
  readonly health: Sample[]
  readonly events: Event[]
  nowMs: number
  isDiskFull: boolean
}

let server: Pages
const running: Scraping[] = []

beforeEach(async () => {
  server = await servePages()
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((scraping) => scraping.stop()))
  await server.close()
})

const copies = (urls: Readonly<Record<string, string>>, gpus: readonly number[][]) =>
  Object.entries(urls).map(([id, metricsUrl], index) => ({
    id,
    url: 'http://127.0.0.1:1',
    node: 'server-1',
    gpus: gpus[index] ?? [index],
    metricsUrl,
  }))

function start(
  dcgmUrl?: string,
  urls: Readonly<Record<string, string>> = {},
  scrapeTimeout = '60s',
): Bench {
  const components =
    Object.keys(urls).length === 0 ? [] : [{ name: 'gpt', copies: copies(urls, []) }]
  const config = configSchema.parse({
    fleet: {
      // Scrapes are made by hand here.
      scrapeEvery: '1h',
      scrapeTimeout,
      nodes: [
        {
          name: 'server-1',
          accelerators: { model: 'NVIDIA L4', count: 4, memoryGiB: 24, uuids: [uuid] },
          price: { perHour: '4 $/h', source: 'test', date: '2026-01-01' },
          ...(dcgmUrl === undefined ? {} : { dcgmUrl }),
        },
      ],
      components,
    },
  })
  const kept: Kept = {
    calls: [],
    samples: [],
    scores: [],
    labels: [],
    events: [],
    findings: [],
    ledger: [],
    alerts: [],
  }
  const { samples, events } = kept
  const health: Sample[] = []
  const accept: Accept = async (kind, records) => {
    if (bench.isDiskFull) throw new RetryableError('the disk is full')
    kept[kind].push(...records)
    // What is said of the targets themselves is looked at apart.
    health.push(...samples.filter(isHealth))
    samples.splice(0, samples.length, ...samples.filter((sample) => !isHealth(sample)))
  }
  const scraping = startScraping({
    config,
    fleet: buildFleet(config.fleet),
    accept,
    log: createLog('test', 'silent'),
    now: () => bench.nowMs,
  })
  running.push(scraping)
  const bench: Bench = { scraping, samples, health, events, nowMs: 1_000_000, isDiskFull: false }
  return bench
}

/** Scrapes again later; the answer is what was accepted since. */
async function scrapeAfter(bench: Bench, laterMs: number): Promise<string[]> {
  bench.nowMs += laterMs
  bench.samples.length = 0
  await bench.scraping.tick()
  return bench.samples.map(({ series, state, value }) => {
    const pairs = Object.entries(series.dimensions).map(([name, text]) => `${name}=${text}`)
    const what = state === 'present' ? value : state
    return `${series.namespace} ${series.metric}{${pairs.join(',')}} ${what}`
  })
}

const page = (lines: readonly string[]) => ({ body: `${lines.join('\n')}\n` })

const instance = (id: number, profile: string, active: number) =>
  `DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="${uuid}",GPU_I_PROFILE="${profile}",GPU_I_ID="${id}"} ${active}`

describe('a model server', () => {
  test('its readings lie in the namespace of its model, and what it lacks is said once', async () => {
    server.pages.set('/metrics', { body: fixture('vllm.prom') })
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    const read = await scrapeAfter(bench, 0)
    const place = 'component=gpt,copy=gpt-1,node=server-1'
    expect(read).toContain(`${infrastructure}/gpt req.running{${place},engine=0} 37`)
    expect(read).toContain(`${infrastructure}/gpt lat.ttft_bucket{${place},engine=0,le=0.25} 138`)
    expect(read).toContain(`${infrastructure}/gpt tok.output{${place}} absent`)
    expect(read).toContain(`${infrastructure}/gpt lat.e2e_count{${place}} absent`)
    const again = await scrapeAfter(bench, 10_000)
    expect(again.some((line) => line.endsWith('absent'))).toBe(false)
    expect(again).toContain(`${infrastructure}/gpt req.running{${place},engine=0} 37`)
  })

  test('a renamed metric stays the same series', async () => {
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    server.pages.set('/metrics', { body: 'vllm:gpu_cache_usage_perc{engine="0"} 0.5\n' })
    await scrapeAfter(bench, 0)
    const before = bench.samples.find((sample) => sample.series.metric === 'kv.usage')?.series
    server.pages.set('/metrics', { body: 'vllm:kv_cache_usage_perc{engine="0"} 0.75\n' })
    const read = await scrapeAfter(bench, 10_000)
    const after = bench.samples.find((sample) => sample.series.metric === 'kv.usage')?.series
    expect(after).toEqual(before)
    expect(read).toHaveLength(1)
    const report = bench.scraping.targets()[0]?.metrics.find(({ metric }) => metric === 'kv.usage')
    expect(report).toMatchObject({ sourceName: 'vllm:kv_cache_usage_perc', state: 'present' })
  })

  test('a restart is an event, once', async () => {
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    for (const tokens of [100, 250, 7, 9]) {
      server.pages.set('/metrics', page([`vllm:prompt_tokens_total{engine="0"} ${tokens}`]))
      await scrapeAfter(bench, 10_000)
    }
    expect(bench.events).toMatchObject([
      { kind: 'deploy', model: 'gpt', title: 'Model server gpt-1 was restarted' },
    ])
  })

  test('going down: failing and stale at once, without state after a while, and back', async () => {
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    expect(bench.scraping.freshness()).toMatchObject([{ name: 'gpt-1', state: 'waiting' }])
    server.pages.set('/metrics', { body: 'vllm:num_requests_running{engine="0"} 3\n' })
    await scrapeAfter(bench, 0)
    expect(bench.scraping.freshness()).toMatchObject([{ state: 'ok', kind: 'vllm' }])
    expect(bench.scraping.machineState('gpt-1').requestsRunning).toBe(3)

    server.pages.set('/metrics', { status: 503, body: 'gone' })
    const gone = await scrapeAfter(bench, 10_000)
    expect(gone).toEqual([
      `${infrastructure}/gpt req.running{component=gpt,copy=gpt-1,node=server-1,engine=0} stale`,
    ])
    expect(bench.scraping.freshness()).toMatchObject([
      { state: 'failing', detail: 'answered 503 instead of 200' },
    ])
    // Calls of these seconds still ran on a machine that was seen a moment ago.
    expect(bench.scraping.machineState('gpt-1').requestsRunning).toBe(3)
    expect(await scrapeAfter(bench, 25_000)).toEqual([])
    expect(bench.scraping.machineState('gpt-1').requestsRunning).toBeNull()
    expect(bench.health.map(({ series, value }) => [series.metric, value])).toEqual([
      ['target.up', 1],
      ['target.scrape_s', expect.any(Number)],
      ['target.samples', 1],
      ['target.samples_kept', 1],
      ...[1, 2].flatMap(() => [
        ['target.up', 0],
        ['target.scrape_s', expect.any(Number)],
        ['target.samples', 0],
        ['target.samples_kept', 0],
      ]),
    ])

    server.pages.set('/metrics', { body: 'vllm:num_requests_running{engine="0"} 0\n' })
    await scrapeAfter(bench, 10_000)
    expect(bench.scraping.freshness()).toMatchObject([{ state: 'ok' }])
    expect(bench.scraping.machineState('gpt-1').requestsRunning).toBe(0)
  })

  test('engines of a copy are added up, the fullest cache counts', async () => {
    server.pages.set('/metrics', {
      body: [
        'vllm:num_requests_running{engine="0"} 3',
        'vllm:num_requests_running{engine="1"} 4',
        'vllm:kv_cache_usage_perc{engine="0"} 0.2',
        'vllm:kv_cache_usage_perc{engine="1"} 0.9\n',
      ].join('\n'),
    })
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    await scrapeAfter(bench, 0)
    expect(bench.scraping.machineState('gpt-1')).toEqual({
      gpuIds: ['server-1/0'],
      requestsRunning: 7,
      requestsWaiting: null,
      kvCacheUsage: 0.9,
      gpuDuty: null,
      gpuTemperatureCelsius: null,
    })
  })

  test('an unknown copy has no state', () => {
    expect(start().scraping.machineState('nobody')).toMatchObject({
      gpuIds: [],
      requestsRunning: null,
    })
  })
})

describe('a GPU exporter', () => {
  test('GPUs join by UUID, else by index, to whoever reserves them', async () => {
    server.pages.set('/gpt', { body: 'vllm:num_requests_running{engine="0"} 1\n' })
    server.pages.set(
      '/dcgm',
      page([
        // The UUID says GPU 0, whatever the index says.
        `DCGM_FI_DEV_GPU_UTIL{gpu="3",UUID="${uuid}",hostname="node-a"} 90`,
        'DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-other",hostname="node-a"} 50',
        'DCGM_FI_DEV_GPU_UTIL{gpu="2",UUID="GPU-third",Hostname="node-a"} 10',
        'DCGM_FI_DEV_GPU_TEMP{gpu="1",UUID="GPU-other"} 61',
      ]),
    )
    const bench = start(`${server.url}/dcgm`, {
      'gpt-1': `${server.url}/gpt`,
      'gpt-2': `${server.url}/gpt`,
    })
    const duty = (await scrapeAfter(bench, 0)).filter((line) => line.includes('gpu.duty'))
    expect(duty).toEqual([
      `${infrastructure}/gpt gpu.duty{component=gpt,copy=gpt-1,node=server-1,gpu=server-1/0} 0.9`,
      `${infrastructure}/gpt gpu.duty{component=gpt,copy=gpt-2,node=server-1,gpu=server-1/1} 0.5`,
      '/aws/sagemaker/Endpoints/server-1 gpu.duty{node=server-1,gpu=server-1/2} 0.1',
      '/aws/sagemaker/Endpoints/server-1 gpu.duty{node=server-1,gpu=server-1/3} absent',
    ])
    expect([...bench.scraping.gpuWork()]).toEqual([
      ['server-1/0', 0.9],
      ['server-1/1', 0.5],
      ['server-1/2', 0.1],
      ['server-1/3', null],
    ])
    expect(bench.scraping.machineState('gpt-2')).toMatchObject({
      gpuDuty: 0.5,
      gpuTemperatureCelsius: 61,
    })
  })

  test('a GPU whose UUID contradicts the configuration is charged to nobody', async () => {
    server.pages.set('/dcgm', page(['DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-swapped"} 90']))
    const bench = start(`${server.url}/dcgm`)
    const duty = (await scrapeAfter(bench, 0)).filter((line) => line.includes('gpu.duty'))
    expect(duty[0]).toBe(
      '/aws/sagemaker/Endpoints/server-1 gpu.duty{node=server-1,gpu=GPU-swapped} 0.9',
    )
    expect(bench.scraping.gpuWork().get('server-1/0')).toBeNull()
    expect(bench.scraping.freshness()[0]?.detail).toBe('GPU GPU-swapped is not in the fleet')
  })

  test('thousands of unknown GPUs make a remark that a person can read', async () => {
    const lines = Array.from(
      { length: 1_000 },
      (_, index) => `DCGM_FI_DEV_GPU_UTIL{UUID="GPU-${index}-${'x'.repeat(7_000)}"} 9`,
    )
    server.pages.set('/dcgm', page(lines))
    const bench = start(`${server.url}/dcgm`)
    await scrapeAfter(bench, 0)
    const detail = bench.scraping.freshness()[0]?.detail ?? ''
    expect(detail).toMatch(/^GPU GPU-0-x+ is not in the fleet; .*; nor are 992 more$/)
    expect(detail.length).toBeLessThan(1_000)
  })

  test('a blank is a sentinel and no work', async () => {
    const blank = `DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="${uuid}"} 9223372036854775794`
    server.pages.set('/dcgm', page([blank]))
    const bench = start(`${server.url}/dcgm`)
    const read = await scrapeAfter(bench, 0)
    expect(read).toContain(
      '/aws/sagemaker/Endpoints/server-1 gpu.duty{node=server-1,gpu=server-1/0} sentinel',
    )
    expect(bench.scraping.gpuWork().get('server-1/0')).toBeNull()
  })

  test('MIG instances are series of their own and weigh by their share of the GPU', async () => {
    server.pages.set('/dcgm', page([instance(1, '3g.40gb', 0.7), instance(2, '4g.40gb', 0.35)]))
    const bench = start(`${server.url}/dcgm`)
    const read = await scrapeAfter(bench, 0)
    expect(
      read.filter((line) => line.includes('gpu.engine_active') && !/absent/.test(line)),
    ).toEqual([
      '/aws/sagemaker/Endpoints/server-1 gpu.engine_active{node=server-1,gpu=server-1/0,mig=1,mig_profile=3g.40gb} 0.7',
      '/aws/sagemaker/Endpoints/server-1 gpu.engine_active{node=server-1,gpu=server-1/0,mig=2,mig_profile=4g.40gb} 0.35',
    ])
    expect(bench.scraping.gpuWork().get('server-1/0')).toBeCloseTo((3 * 0.7 + 4 * 0.35) / 7)
  })

  test('a new fault is an event; the one that was there at the start is not', async () => {
    const bench = start(`${server.url}/dcgm`)
    for (const code of [31, 31, 79, 79]) {
      server.pages.set('/dcgm', page([`DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="${uuid}"} ${code}`]))
      await scrapeAfter(bench, 10_000)
    }
    expect(bench.events).toMatchObject([
      {
        kind: 'fault',
        title: 'GPU fault XID 79 on server-1/0',
        attributes: { origin: 'hardware' },
      },
    ])
  })
})

describe('targets fail alone', () => {
  test('what is wrong with each is told in words', async () => {
    server.pages.set('/garbage', { type: 'text/html', body: '<html>\n<body>hello</body>' })
    server.pages.set('/empty', { body: '' })
    server.pages.set('/stranger', { body: 'python_info{version="3"} 1\n' })
    server.pages.set('/huge', { body: 'x'.repeat(17 * 2 ** 20) })
    const bench = start('http://127.0.0.1:9/metrics', {
      garbage: `${server.url}/garbage`,
      empty: `${server.url}/empty`,
      stranger: `${server.url}/stranger`,
      huge: `${server.url}/huge`,
    })
    await scrapeAfter(bench, 0)
    const details = bench.scraping.freshness().map(({ name, detail }) => [name, detail])
    expect(details).toEqual([
      [
        'garbage',
        'answered something else than metrics: line 1: expected a metric name, found "<html>"',
      ],
      ['empty', 'answered an empty page instead of metrics'],
      [
        'stranger',
        'exports metrics, but none of a known system (vllm, sglang, tgi, llama.cpp, tensorrt-llm, triton, otel-gen-ai)',
      ],
      ['huge', 'sent more than 16777216 bytes'],
      ['server-1', expect.stringContaining('not reachable: ')],
    ])
    expect(bench.scraping.freshness().map(({ state }) => state)).toEqual(Array(5).fill('failing'))
    expect(bench.samples.filter(({ state }) => state === 'present')).toEqual([])
  })

  test('one that hangs keeps no other waiting, and is given up in the end', async () => {
    server.pages.set('/well', { body: 'vllm:num_requests_running{engine="0"} 3\n' })
    server.pages.set('/slow', null)
    const slow = `${server.url}/slow`
    const bench = start(slow, { slow, 'slow-too': slow, well: `${server.url}/well` })
    const ticking = bench.scraping.tick()
    const states = () => bench.scraping.freshness().map(({ state }) => state)
    await expect.poll(states, { timeout: 30_000 }).toEqual(['waiting', 'waiting', 'ok', 'waiting'])
    await bench.scraping.stop()
    await ticking

    const impatient = start(undefined, { slow }, '250ms')
    await scrapeAfter(impatient, 0)
    expect(impatient.scraping.freshness()).toMatchObject([
      { state: 'failing', detail: 'no answer within 0.25 s' },
    ])
  })

  test('bad lines of a page cost themselves only and are told', async () => {
    server.pages.set('/metrics', {
      body: 'vllm:num_requests_running{engine="0"} 3\nvllm:num_requests_waiting{engine="0" 3\n',
    })
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    await scrapeAfter(bench, 0)
    expect(bench.scraping.freshness()).toMatchObject([
      { state: 'ok', detail: '1 unreadable, first line 2: expected , or } after label "engine"' },
    ])
  })

  test('what could not be kept is said again: a marker is never lost', async () => {
    server.pages.set('/metrics', { body: 'vllm:num_requests_running{engine="0"} 3\n' })
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    bench.isDiskFull = true
    expect(await scrapeAfter(bench, 0)).toEqual([])
    expect(bench.scraping.freshness()).toMatchObject([{ detail: 'the disk is full' }])
    bench.isDiskFull = false
    const read = await scrapeAfter(bench, 10_000)
    expect(read.filter((line) => line.endsWith('absent')).length).toBeGreaterThan(5)
  })

  test('it scrapes by itself, and no more after it was stopped', async () => {
    server.pages.set('/metrics', { body: 'vllm:num_requests_running{engine="0"} 3\n' })
    const bench = start(undefined, { 'gpt-1': `${server.url}/metrics` })
    await expect.poll(() => bench.samples.length, { timeout: 10_000 }).toBeGreaterThan(0)
    await bench.scraping.stop()
    expect(await scrapeAfter(bench, 10_000)).toEqual([])
  })
})
