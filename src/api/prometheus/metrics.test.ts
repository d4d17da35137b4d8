import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../app.ts'
import { insertGoldenRecords } from '../board/golden-records.ts'
import type { ApiContext } from '../context.ts'
import { testContext, testNowMs } from '../test-context.ts'
import { openTestStore, type TestStore } from '../test-store.ts'
import { mergeExpositions } from './merge.ts'

let store: TestStore

beforeAll(async () => {
  store = await openTestStore()
  await insertGoldenRecords(store)
})

afterAll(async () => {
  await store.close()
})

const gatewayText = `# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1000
# HELP equipoise_gateway_calls_total Calls answered.
# TYPE equipoise_gateway_calls_total counter
equipoise_gateway_calls_total{model="a",outcome="success"} 7
`

async function scrape(parts: Partial<ApiContext> = {}) {
  const app = createApp(
    testContext({ store, gatewayMetrics: () => Promise.resolve(gatewayText), ...parts }),
  )
  await app.request('/api/v1/fleet')
  const answer = await app.request('/metrics')
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    text: await answer.text(),
  }
}

const lineOf = (text: string, start: string) =>
  text.split('\n').find((line) => line.startsWith(start))

const promtool = '/usr/bin/promtool'
const hasPromtool = spawnSync(promtool, ['--version']).status === 0

test.skipIf(!hasPromtool)(
  'promtool finds nothing to say (skipped where promtool is not installed)',
  async () => {
    const { text } = await scrape()
    const check = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect(check.stderr + check.stdout).toBe('')
    expect(check.status).toBe(0)
  },
)

test('the fleet as gauges, with known numbers only', async () => {
  const { status, type, text } = await scrape()
  expect([status, type]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)])
  expect(lineOf(text, 'equipoise_model_cost_usd_per_hour{model="a"}')).toMatch(/ 3(\.0000\d*)?$/)
  expect(lineOf(text, 'equipoise_idle_cost_usd_per_hour')).toMatch(/ 1\.5$/)
  expect(text).toContain('equipoise_model_quality{model="a",dimension="safety"} 0.875')
  expect(text).toContain('equipoise_model_quality_answers{model="a",dimension="safety"} 4')
  expect(text).toMatch(/equipoise_model_quality_lower\{model="a",dimension="safety"\} 0\.\d+/)
  expect(text).toMatch(
    /equipoise_model_time_to_first_token_p50_seconds\{model="b"\} 0\.(?:099|10)\d*/,
  )
  expect(text).toContain('equipoise_gpu_unreserved 1')
  // Use of model b's GPU is not known: no series, and certainly no zero.
  expect(text).not.toContain('equipoise_model_idle_cost_usd_per_hour{model="b"}')
  expect(text).not.toMatch(/NaN|null|undefined/)
})

test('routes are counted by pattern, not by path', async () => {
  const app = createApp(testContext({ store }))
  await app.request('/api/v1/calls/a-1')
  const { text } = await scrape()
  expect(text).toContain(
    'equipoise_api_request_duration_seconds_count{route="/api/v1/calls/:id",method="GET",status="200"}',
  )
  expect(text).not.toContain('a-1')
})

test('an empty window has no series of the fleet that depend on readings', async () => {
  const { text } = await scrape({ now: () => testNowMs + 3_600_000 })
  expect(text).not.toContain('equipoise_model_cost_usd_per_hour')
  expect(text).not.toContain('equipoise_gpu_active')
  expect(text).not.toContain('equipoise_model_quality')
})

test('a part that fails leaves the rest', async () => {
  const { status, text } = await scrape({ gatewayMetrics: () => Promise.reject(new Error('away')) })
  expect(status).toBe(200)
  expect(text).toContain('equipoise_model_quality')
  expect(text).toContain('process_resident_memory_bytes ')
})

test('a family of two processes is named once, and each series says whose it is', () => {
  const one =
    '# HELP a_total A.\n# TYPE a_total counter\na_total 1\n# HELP b B.\n# TYPE b gauge\nb{x="1"} 2\n'
  const two =
    '# HELP a_total A.\n# TYPE a_total counter\na_total{y="{}"} 3\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n'
  expect(
    mergeExpositions([
      { process: 'hub', text: one },
      { process: 'gateway', text: two },
    ]),
  ).toBe(
    [
      '# HELP a_total A.',
      '# TYPE a_total counter',
      'a_total{process="hub"} 1',
      'a_total{process="gateway",y="{}"} 3',
      '# HELP b B.',
      '# TYPE b gauge',
      'b{x="1"} 2',
      '# TYPE h histogram',
      'h_bucket{le="+Inf"} 1',
      'h_sum 1',
      'h_count 1',
      '',
    ].join('\n'),
  )
  expect(
    mergeExpositions([
      { process: 'hub', text: one },
      { process: 'gateway', text: '' },
    ]),
  ).toBe(one)
})
