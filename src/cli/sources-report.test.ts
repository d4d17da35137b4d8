import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sourcesReport } from './sources-report.ts'
import { configSchema } from '../config/schema.ts'
import { buildFleet } from '../fleet/topology.ts'
import { testTargets, type TestedSources } from '../sources/target-test.ts'

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', 'sources', 'prometheus', 'fixtures', name), 'utf8')

const uuid = 'GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52'

const pages: Readonly<Record<string, string>> = {
  '/vllm': `${fixture('vllm.prom')}
vllm:gpu_cache_usage_perc{engine="0",model_name="openai/gpt-oss-20b"} 0.9
# TYPE vllm:num_preemptions counter
vllm:num_preemptions_created{engine="0"} 1.7e9
process_cpu_seconds_total 4
vllm:brand_new_total 1
sglang:num_running_reqs 4
noise_total 1
bad line here
`,
  '/dcgm': `DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="${uuid}"} 90
DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="${uuid}"} 9223372036854775794
DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL{gpu="0",gpu_uuid="${uuid}"} 3
DCGM_FI_DEV_GPU_UTIL{gpu="7",UUID="GPU-stranger"} 10
`,
  '/odd': 'python_info 1\n',
}

let server: Server
let base = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    const page = pages[(request.url ?? '').split('?')[0] ?? '']
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/plain' })
    response.end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function tested(only?: string): Promise<TestedSources> {
  const copy = { url: 'http://127.0.0.1:9', node: 'server-1' }
  const config = configSchema.parse({
    fleet: {
      nodes: [
        {
          name: 'server-1',
          accelerators: { model: 'NVIDIA L4', count: 2, memoryGiB: 24, uuids: [uuid, 'GPU-2'] },
          price: { perHour: '4 $/h', source: 'test', date: '2026-01-01' },
          dcgmUrl: `${base}/dcgm`,
        },
      ],
      components: [
        {
          name: 'gpt',
          copies: [
            { ...copy, id: 'gpt-1', gpus: [0], metricsUrl: `${base}/vllm?key=hush` },
            { ...copy, id: 'gpt-2', gpus: [1] },
          ],
        },
      ],
    },
    scrape: {
      jobs: [
        {
          name: 'more',
          static: [{ targets: [`${base}/odd`] }],
          files: ['/nowhere/targets.yaml'],
          metricRelabel: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'noise.*' }],
        },
      ],
    },
  })
  const fleet = buildFleet(config.fleet)
  const { signal } = new AbortController()
  return await testTargets({ config, fleet, signal, ...(only === undefined ? {} : { only }) })
}

test('each target says whether it can be read, or exactly why not', async () => {
  const { targets, problems } = await tested()
  const port = new URL(base).host
  expect(targets.map(({ name, failure }) => [name, failure])).toEqual([
    ['gpt-1', null],
    ['gpt-2', expect.stringMatching(/not reachable: .*ECONNREFUSED/)],
    ['server-1', null],
    [`more/${port}`, expect.stringMatching(/none of a known system \(vllm, /)],
  ])
  expect(problems).toEqual([expect.stringMatching(/^job more: \/nowhere\/targets\.yaml .*ENOENT/)])
})

test('a model server: mapped, ignored with the reason, absent', async () => {
  const [only] = (await tested('gpt-1')).targets
  expect(only?.page).toMatchObject({ system: 'vllm', format: 'text' })
  expect(only?.findings?.mapped).toContainEqual({
    sourceName: 'vllm:num_requests_running',
    metric: 'req.running',
    unit: '1',
    value: 37,
    state: 'present',
    namespace: '/aws/sagemaker/InferenceComponents/gpt',
    dimensions: { component: 'gpt', copy: 'gpt-1', node: 'server-1', engine: '0' },
    note: '',
  })
  const reasons = Object.fromEntries(
    only?.findings?.ignored.map(({ sourceName, reason }) => [sourceName, reason]) ?? [],
  )
  expect(reasons).toMatchObject({
    'vllm:gpu_cache_usage_perc': 'kv.usage comes from vllm:kv_cache_usage_perc already',
    'vllm:num_preemptions_created': 'time of creation, not a reading',
    process_cpu_seconds_total: 'about the program that exports, not what it serves',
    'vllm:brand_new_total': expect.stringMatching(/^not in the catalogue of vllm \(/),
    'sglang:num_running_reqs': 'a name of sglang, but this is vllm',
  })
  expect(only?.findings?.badLines).toEqual([
    { line: expect.any(Number), reason: 'expected a number, found "line"' },
  ])
  const absent = only?.findings?.absent.find(({ metric }) => metric === 'tok.output')
  expect(absent?.sourceNames[0]).toBe('vllm:generation_tokens_total')
})

test('a GPU exporter: blanks, other spellings and strangers are told', async () => {
  const [only] = (await tested('server-1')).targets
  const rows = only?.findings?.mapped.map(({ metric, value, state, note }) => [
    metric,
    value,
    state,
    note,
  ])
  expect(rows).toContainEqual(['gpu.temperature', null, 'sentinel', ''])
  expect(rows).toContainEqual([
    'gpu.nvlink_errors',
    3,
    'present',
    'GPU named by gpu_uuid, not UUID',
  ])
  expect(rows).toContainEqual(['gpu.duty', 0.1, 'present', 'GPU is not in the fleet'])
})

test('relabelling and targets by address', async () => {
  const { targets } = await tested(new URL(base).host)
  expect(targets.map(({ address }) => address)).toEqual([`${base}/odd`])
  const [stranger] = (await tested(`${base}/vllm`)).targets
  expect(stranger).toMatchObject({ address: `${base}/vllm`, failure: null })
  expect(stranger?.findings?.mapped[0]?.namespace).toBe(
    '/aws/sagemaker/InferenceComponents/openai/gpt-oss-20b',
  )
  await expect(tested('gpt-9')).rejects.toThrow(/no target is called "gpt-9"; there are: gpt-1,/)
})

test('the report tells all of it in lines, and no secret', async () => {
  const report = sourcesReport(await tested())
  const plain = report.replaceAll(/ +/g, ' ')
  for (const line of [
    `ok gpt-1 ${base}/vllm?…`,
    'FAILED gpt-2 http://127.0.0.1:9/metrics',
    'vllm:num_requests_running req.running 37 1 model gpt: copy gpt-1, engine 0',
    'vllm:time_to_first_token_seconds_bucket lat.ttft_bucket 4 buckets 1 model gpt: copy gpt-1, engine 0',
    'DCGM_FI_DEV_GPU_TEMP gpu.temperature no value (sentinel) celsius model gpt: copy gpt-1, gpu server-1/0',
    'process_cpu_seconds_total 1 about the program that exports, not what it serves',
    '2 of 4 targets can be read.',
  ]) {
    expect(plain).toContain(line)
  }
  expect(report).not.toContain('hush')
  expect(sourcesReport({ targets: [], problems: [] })).toMatch(/There is no target/)
})
