// Scrape jobs against real servers on loopback.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { buildFleet } from '../fleet/topology.ts'
import type { RecordKind, RecordKinds } from '../records/record-kind.ts'
import { createLog } from '../telemetry/log.ts'
import { startScraping, type Scraping } from './scraping.ts'

interface Page {
  readonly status?: number
  readonly type?: string
  readonly body: string
}

const pages = new Map<string, Page>()
let asked: IncomingMessage[] = []
let address = ''
let directory = ''
const closing: (() => Promise<unknown>)[] = []

const answer: RequestListener = (request, response) => {
  asked.push(request)
  const page = pages.get(request.url ?? '')
  response.writeHead(page?.status ?? (page === undefined ? 404 : 200), {
    'content-type': page?.type ?? 'text/plain; version=0.0.4',
  })
  response.end(page?.body)
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const bound = server.address()
  return `127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`
}

beforeEach(async () => {
  pages.clear()
  asked = []
  directory = mkdtempSync(join(tmpdir(), 'equipoise-jobs-'))
  address = await listening(createServer(answer))
})

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
  rmSync(directory, { recursive: true, force: true })
})

type Kept = { readonly [Kind in RecordKind]: RecordKinds[Kind][] }

interface Bench {
  readonly scraping: Scraping
  nowMs: number
  /** Scrapes; the answer is what was accepted since the last time, one line a sample. */
  scrape(): Promise<string[]>
}

function start(job: object, fleet: object = {}): Bench {
  const config = configSchema.parse({
    fleet: {
      scrapeEvery: '1h',
      scrapeTimeout: '60s',
      nodes: [
        {
          name: 'server-1',
          accelerators: { model: 'NVIDIA L4', count: 2, memoryGiB: 24 },
          price: { perHour: '4 $/h', source: 'test', date: '2026-01-01' },
        },
      ],
      ...fleet,
    },
    scrape: { jobs: [{ name: 'engines', ...job }] },
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
  const scraping = startScraping({
    config,
    fleet: buildFleet(config.fleet),
    accept: async (kind, records) => {
      kept[kind].push(...records)
    },
    log: createLog('test', 'silent'),
    now: () => bench.nowMs,
  })
  closing.push(() => scraping.stop())
  const bench: Bench = {
    scraping,
    nowMs: 1_700_000_000_000,
    async scrape() {
      bench.nowMs += 10_000
      await scraping.tick()
      return kept.samples
        .splice(0)
        .filter(({ state, series }) => state !== 'absent' && series.metric !== 'target.scrape_s')
        .map(({ series, state, value }) => {
          const pairs = Object.entries(series.dimensions).map(([name, text]) => `${name}=${text}`)
          return `${series.namespace} ${series.metric}{${pairs.join(',')}} ${state === 'present' ? value : state}`
        })
    },
  }
  return bench
}

const running = (value: number) => ({
  body: `vllm:num_requests_running{engine="0",model_name="llama"} ${value}\n`,
})
const dimensions = (labels = '') => `instance=${address},job=engines${labels}`

const basic = (password: string) => `Basic ${btoa(`me:${password}`)}`
const runningAt = (path: string, value: number | 'stale') =>
  `/aws/sagemaker/InferenceComponents/llama req.running{instance=${path},job=engines,engine=0} ${value}`

const pem = (name: string) => join(directory, `${name}.pem`)
const openssl = (...parts: string[]) => execFileSync('openssl', parts, { stdio: 'ignore' })

/** A certificate for a name that signs itself. */
function certificate(name: string): void {
  openssl(
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' '),
    '-keyout',
    pem(`${name}-key`),
    '-out',
    pem(name),
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=DNS:${name}`,
  )
}

const withoutHealth = (lines: readonly string[]) =>
  lines.filter((line) => !line.includes(' target.'))
const failure = ({ scraping }: Bench) => scraping.freshness()[0]?.detail

const fleetWithCopy = (metricsUrl: string) => ({
  components: [
    {
      name: 'gpt',
      copies: [{ id: 'gpt-1', url: 'http://127.0.0.1:1', node: 'server-1', gpus: [0], metricsUrl }],
    },
  ],
})

describe('whose readings', () => {
  test('a stranger’s belong to the model that it names, with the labels of the target', async () => {
    pages.set('/metrics', running(3))
    const bench = start({ static: [{ targets: [address], labels: { zone: 'a' } }] })
    expect(await bench.scrape()).toEqual([
      `/aws/sagemaker/InferenceComponents/llama req.running{${dimensions(',zone=a')},engine=0} 3`,
      `/prometheus/engines target.up{${dimensions(',zone=a')}} 1`,
      `/prometheus/engines target.samples{${dimensions(',zone=a')}} 1`,
      `/prometheus/engines target.samples_kept{${dimensions(',zone=a')}} 1`,
    ])
    expect(bench.scraping.freshness()).toMatchObject([
      { name: `engines/${address}`, kind: 'vllm', state: 'ok', scrape: { samples: 1 } },
    ])
  })

  test.each([
    ['label copy', { copy: 'gpt-1' }, 'http://127.0.0.1:9/metrics'],
    ['label component of one copy', { component: 'gpt' }, 'http://127.0.0.1:9/metrics'],
    ['the address of the copy', {}, ''],
  ])('%s: a copy’s, which is then read once', async (_, labels, metricsUrl) => {
    pages.set('/metrics', running(3))
    const fleet = fleetWithCopy(metricsUrl === '' ? `http://${address}/metrics` : metricsUrl)
    const bench = start({ static: [{ targets: [address], labels }] }, fleet)
    expect(withoutHealth(await bench.scrape())).toEqual([
      '/aws/sagemaker/InferenceComponents/gpt req.running{component=gpt,copy=gpt-1,node=server-1,engine=0} 3',
    ])
    expect(bench.scraping.freshness().map(({ name }) => name)).toEqual([`engines/${address}`])
    expect(bench.scraping.machineState('gpt-1').requestsRunning).toBe(3)
  })

  test('label node: GPUs of the fleet by their index', async () => {
    pages.set('/metrics', { body: 'DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-x"} 50\n' })
    const bench = start({ static: [{ targets: [address], labels: { node: 'server-1' } }] })
    expect(withoutHealth(await bench.scrape())).toEqual([
      '/aws/sagemaker/Endpoints/server-1 gpu.duty{node=server-1,gpu=server-1/1} 0.5',
    ])
    expect(bench.scraping.gpuWork().get('server-1/1')).toBe(0.5)
  })

  test('a copy that the fleet does not have is told', async () => {
    pages.set('/metrics', running(3))
    const bench = start({ static: [{ targets: [address], labels: { copy: 'gpt-7' } }] })
    await bench.scrape()
    expect(bench.scraping.freshness()[1]).toMatchObject({
      name: 'engines targets',
      state: 'failing',
      detail: expect.stringContaining('label copy is "gpt-7", which the fleet does not have'),
    })
  })

  test('unknown metrics are kept where the job asks for it, with their unit', async () => {
    pages.set('/metrics', {
      type: 'application/openmetrics-text; version=1.0.0',
      body: '# TYPE jobs counter\n# UNIT jobs_seconds seconds\n# TYPE jobs_seconds counter\njobs_seconds_total{job="own"} 4 # {id="1"} 1\njobs_seconds_created 1\nnothing NaN\n# EOF\n',
    })
    const bench = start({ static: [{ targets: [address] }], unknownMetrics: 'keep' })
    expect(withoutHealth(await bench.scrape())).toEqual([
      `/prometheus/engines jobs_seconds_total{${dimensions()},exported_job=own} 4`,
      `/prometheus/engines nothing{${dimensions()}} sentinel`,
    ])
    const dropping = start({ static: [{ targets: [address] }] })
    expect(withoutHealth(await dropping.scrape())).toEqual([])
    expect(failure(dropping)).toMatch(/none of a known system \(vllm, dcgm/)
  })
})

describe('discovery', () => {
  test('a file that changes: targets come, and go with stale markers once', async () => {
    pages.set('/a', running(1))
    pages.set('/b', running(2))
    const file = join(directory, 'one.yaml')
    const list = (...paths: string[]) =>
      writeFileSync(
        file,
        `- targets: [${paths.map((path) => `"http://${address}${path}"`).join(', ')}]\n`,
      )
    list('/a')
    writeFileSync(join(directory, 'other.json'), '[]')
    writeFileSync(join(directory, 'notes.txt'), 'no list')
    const relabel = [{ sourceLabels: ['__metrics_path__'], targetLabel: 'instance' }]
    const bench = start({ files: [join(directory, '*.yaml'), join(directory, '*.json')], relabel })
    expect(withoutHealth(await bench.scrape())).toEqual([runningAt('/a', 1)])

    list('/a', '/b')
    expect(withoutHealth(await bench.scrape()).toSorted()).toEqual([
      runningAt('/a', 1),
      runningAt('/b', 2),
    ])

    list('/b')
    expect(withoutHealth(await bench.scrape())).toEqual([
      runningAt('/a', 'stale'),
      runningAt('/b', 2),
    ])
    expect(withoutHealth(await bench.scrape())).toEqual([runningAt('/b', 2)])

    writeFileSync(file, '- targets: [')
    expect(withoutHealth(await bench.scrape())).toEqual([runningAt('/b', 2)])
    expect(bench.scraping.freshness().at(-1)).toMatchObject({
      name: 'engines targets',
      kind: 'discovery',
      state: 'failing',
      detail: expect.stringMatching(/one\.yaml is no YAML.*; 1 target$/),
    })

    unlinkSync(file)
    expect(withoutHealth(await bench.scrape())).toEqual([runningAt('/b', 'stale')])
    expect(bench.scraping.freshness()).toMatchObject([{ state: 'ok', detail: '0 targets' }])
  })

  test('a service: what it last said counts while it fails', async () => {
    pages.set('/metrics', running(1))
    const type = 'application/json'
    pages.set('/sd', { type, body: JSON.stringify([{ targets: [address] }]) })
    const access = { bearerToken: 'sd-secret' }
    const bench = start({ http: [{ url: `http://${address}/sd`, every: '1h', access }] })
    expect(withoutHealth(await bench.scrape())).toHaveLength(1)
    const seen = asked.filter(({ url }) => url === '/sd').map(({ headers }) => headers)
    expect(seen[0]).toMatchObject({
      authorization: 'Bearer sd-secret',
      'x-prometheus-refresh-interval-seconds': '3600',
    })
    expect(asked.find(({ url }) => url === '/metrics')?.headers.authorization).toBeUndefined()

    for (const page of [{ status: 500, body: '' }, { body: '[]' }, { type, body: '{}' }]) {
      pages.set('/sd', page)
      expect(withoutHealth(await bench.scrape())).toHaveLength(1)
      expect(bench.scraping.freshness().at(-1)).toMatchObject({ state: 'failing' })
    }
    pages.set('/sd', { type, body: '[]' })
    expect(withoutHealth(await bench.scrape())).toEqual([expect.stringContaining('stale')])
  })

  test('it looks by itself', async () => {
    pages.set('/metrics', running(1))
    const body = JSON.stringify([{ targets: [address] }])
    pages.set('/sd', { type: 'application/json', body })
    const bench = start({ http: [{ url: `http://${address}/sd` }], every: '2s' })
    const states = () => bench.scraping.freshness().map(({ state }) => state)
    await expect.poll(states, { timeout: 20_000 }).toEqual(['ok', 'ok'])
  })
})

describe('the page', () => {
  const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

  test('OpenMetrics is asked for, and a page that was cut off is no scrape', async () => {
    pages.set('/metrics', { type: openMetrics, body: `${running(3).body}# EOF\n` })
    const bench = start({ static: [{ targets: [address] }] })
    expect(withoutHealth(await bench.scrape())).toHaveLength(1)
    expect(asked[0]?.headers).toMatchObject({
      accept: expect.stringMatching(/^application\/openmetrics-text;version=1\.0\.0;q=0\.6/),
      'x-prometheus-scrape-timeout-seconds': '60',
    })
    pages.set('/metrics', { type: openMetrics, body: running(4).body })
    expect(await bench.scrape()).toEqual([
      expect.stringMatching(/req\.running\{.*\} stale$/),
      expect.stringMatching(/target\.up\{.*\} 0$/),
      expect.stringMatching(/target\.samples\{.*\} 0$/),
      expect.stringMatching(/target\.samples_kept\{.*\} 0$/),
    ])
    expect(failure(bench)).toBe('the page was cut off: its end (# EOF) is missing')
  })

  test('timestamps of the exporter count unless the job says otherwise', async () => {
    pages.set('/metrics', { body: 'vllm:num_requests_running{model_name="m"} 1 5\n' })
    const honoring = start({ static: [{ targets: [address] }] })
    expect(withoutHealth(await honoring.scrape())).toEqual([expect.stringMatching(/stale$/)])
    const own = start({ static: [{ targets: [address] }], honorTimestamps: false })
    expect(withoutHealth(await own.scrape())).toEqual([expect.stringMatching(/ 1$/)])
  })

  test('metric relabelling sees the target and drops or renames samples', async () => {
    pages.set('/metrics', {
      body: 'vllm:num_requests_running{replica="7",model_name="m"} 1\nvllm:num_requests_waiting{model_name="m"} 2\n',
    })
    const bench = start({
      static: [{ targets: [address], labels: { zone: 'a' } }],
      metricRelabel: [
        { action: 'drop', sourceLabels: ['zone', '__name__'], regex: 'a;.*waiting' },
        { sourceLabels: ['replica'], targetLabel: 'engine' },
      ],
    })
    expect(await bench.scrape()).toEqual([
      expect.stringMatching(/req\.running\{.*,engine=7\} 1$/),
      expect.stringMatching(/target\.up\{.*\} 1$/),
      expect.stringMatching(/target\.samples\{.*\} 2$/),
      expect.stringMatching(/target\.samples_kept\{.*\} 1$/),
    ])
  })

  test.each([
    [{ samples: 1 }, '2 samples, more than limits.samples (1)'],
    [{ bodySize: '20B' }, 'sent more than 20 bytes'],
    [{ labels: 1 }, 'vllm:num_requests_running has 2 labels, more than limits.labels (1)'],
    [{ labelNameLength: 5 }, /a label name of .* has 6 characters/],
    [{ labelValueLength: 3 }, /label model_name of .* has 5 characters/],
  ])('%j', async (limits, detail) => {
    pages.set('/metrics', { body: running(1).body + running(2).body.replace('"0"', '"1"') })
    const bench = start({ static: [{ targets: [address] }], limits })
    expect(withoutHealth(await bench.scrape())).toEqual([])
    expect(failure(bench)).toEqual(
      typeof detail === 'string' ? detail : expect.stringMatching(detail),
    )
  })
})

describe('access', () => {
  test('basic and bearer, from the configuration or a file that changes', async () => {
    pages.set('/metrics', running(1))
    const secretOf = async (access: object) => {
      const bench = start({ static: [{ targets: [address] }], access })
      await bench.scrape()
      return asked.at(-1)?.headers.authorization
    }
    expect(await secretOf({ basicAuth: { username: 'me', password: 'x' } })).toBe(basic('x'))
    expect(await secretOf({ bearerToken: 'tok' })).toBe('Bearer tok')
    const passwordFile = join(directory, 'secret')
    writeFileSync(passwordFile, 'one\n')
    const bench = start({
      static: [{ targets: [address] }],
      access: { basicAuth: { username: 'me', passwordFile } },
    })
    await bench.scrape()
    expect(asked.at(-1)?.headers.authorization).toBe(basic('one'))
    writeFileSync(passwordFile, 'two')
    await bench.scrape()
    expect(asked.at(-1)?.headers.authorization).toBe(basic('two'))
    unlinkSync(passwordFile)
    await bench.scrape()
    expect(failure(bench)).toMatch(/a file of its access cannot be read: ENOENT/)
  })

  test('a refusal hints at credentials and shows none', async () => {
    pages.set('/metrics', { status: 401, body: '' })
    const bench = start({ static: [{ targets: [address] }], access: { bearerToken: 'hush-hush' } })
    await bench.scrape()
    expect(failure(bench)).toBe(
      'answered 401 instead of 200 (credentials are missing or wrong: see access)',
    )
    expect(JSON.stringify(bench.scraping.freshness())).not.toContain('hush')
  })

  test('the fleet’s own pages are reached with its access', async () => {
    pages.set('/metrics', running(1))
    const bench = start(
      { static: [{ targets: ['127.0.0.1:9'] }] },
      {
        ...fleetWithCopy(`http://${address}/metrics`),
        metricsAccess: { bearerToken: 'fleet-token' },
      },
    )
    await bench.scrape()
    expect(asked[0]?.headers.authorization).toBe('Bearer fleet-token')
  })
})

describe('TLS', () => {
  const hasOpenssl = (() => {
    try {
      openssl('version')
      return true
    } catch {
      return false
    }
  })()

  test.skipIf(!hasOpenssl)(
    'certificates are checked, in both directions, unless told otherwise',
    async () => {
      certificate('engine.test')
      certificate('collector.test')
      const secure = await listening(
        createSecureServer(
          {
            cert: readFileSync(pem('engine.test')),
            key: readFileSync(pem('engine.test-key')),
            ca: readFileSync(pem('collector.test')),
            requestCert: true,
            rejectUnauthorized: true,
          },
          answer,
        ),
      )
      pages.set('/metrics', running(1))
      const detailWith = async (tls: object) => {
        const bench = start({
          static: [{ targets: [secure] }],
          scheme: 'https',
          access: { tls },
        })
        await bench.scrape()
        return failure(bench)
      }
      const client = { certFile: pem('collector.test'), keyFile: pem('collector.test-key') }
      const trust = { caFile: pem('engine.test') }
      expect(await detailWith({ ...client, ...trust, serverName: 'engine.test' })).toBe('')
      expect(await detailWith({ ...client, insecureSkipVerify: true })).toBe('')
      expect(await detailWith(client)).toMatch(/not reachable: .*certificate/)
      expect(await detailWith({ ...client, ...trust })).toMatch(/not reachable: .*altnames/)
      expect(await detailWith({ ...trust, serverName: 'engine.test' })).toMatch(/not reachable: /)
      expect(await detailWith({ caFile: pem('nowhere') })).toMatch(/cannot be read/)
    },
    60_000,
  )
})
