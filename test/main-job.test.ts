// The main job on the real binary: live traffic, both axes on the board, the brief's own alert.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { eventually, runProgram, runToEnd, type RunningProgram } from './running-program.ts'
import { listenForWebhooks, type WebhookListener } from './webhook-listener.ts'

const interval = z.object({
  value: z.number(),
  lower: z.number(),
  upper: z.number(),
  n: z.number(),
})

/** What this test looks at; the API's own tests check the rest of the contract. */
const boardSchema = z.object({
  models: z.array(
    z.object({
      model: z.string(),
      summary: z.object({
        usdPerHour: z.number().nullable(),
        ttftP95: z.number().nullable(),
        gpuDuty: z.number().nullable(),
        quality: z.record(z.string(), interval),
      }),
    }),
  ),
})

let directory: string
let webhooks: WebhookListener
let demo: RunningProgram
let api: string
let gateway: string
let control: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-demo-'))
  webhooks = await listenForWebhooks()
  const ports = ['--port', '0', '--gateway-port', '0']
  demo = runProgram(['demo', '--data', directory, '--webhook', webhooks.url, ...ports])
  api = (await demo.line(/page +(http:\S+)/))[1] ?? ''
  gateway = (await demo.line(/gateway +(http:\S+)\/v1/))[1] ?? ''
  control = (await demo.line(/lab +(http:\S+)/))[1] ?? ''
})

afterAll(async () => {
  expect(await demo.end('SIGINT')).toBe(0)
  await webhooks.close()
  await rm(directory, { recursive: true, force: true })
})

async function board() {
  const answer = await fetch(`${api}/api/v1/board?from=-5m`)
  expect(answer.status).toBe(200)
  return boardSchema.parse(await answer.json())
}

const query = async (sql: string) => {
  const { code, output } = await runToEnd(['query', '--url', api, '--format', 'json', sql])
  expect(code, output).toBe(0)
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, number | string> => JSON.parse(line))
}

test('both models appear with cost, GPU, latency and quality that carries n and an interval', async () => {
  const models = await eventually('both axes of both models', async () => {
    const { models: found } = await board()
    const complete = found.filter(({ summary }) => {
      const { composite } = summary.quality
      return summary.ttftP95 !== null && summary.gpuDuty !== null && composite !== undefined
    })
    return complete.length === 2 ? complete : undefined
  })
  for (const { summary } of models) {
    expect(summary.usdPerHour).toBeGreaterThan(0)
    expect(summary.ttftP95).toBeGreaterThan(0)
    const { composite } = summary.quality
    expect(composite?.n).toBeGreaterThan(0)
    expect(composite?.lower).toBeLessThanOrEqual(composite?.value ?? -1)
    expect(composite?.upper).toBeGreaterThanOrEqual(composite?.value ?? 2)
  }
})

test('the bill is whole: models, idle and shared sum to the price of the server', async () => {
  const rows = await query(
    'SELECT minute, sum(cost_usd) * 60 AS usd_per_hour FROM ledger FINAL GROUP BY minute',
  )
  for (const row of rows) expect(Number(row['usd_per_hour'])).toBeCloseTo(5.752, 6)
})

test('both namespaces fill with samples', async () => {
  const namespaces = await eventually('samples of both axes', async () => {
    const rows = await query(
      `SELECT DISTINCT namespace FROM series WHERE series_id IN (SELECT series_id FROM samples)`,
    )
    const names = rows.map((row) => String(row['namespace']))
    return names.some((name) => name.includes('inference-quality')) ? names : undefined
  })
  for (const model of ['gpt-oss-20b', 'Qwen2.5-7B-Instruct']) {
    expect(namespaces).toContain(`/aws/sagemaker/InferenceComponents/${model}`)
    expect(namespaces).toContain(`/aws/sagemaker/inference-quality/${model}`)
  }
})

test('a call through the gateway is found again by the id in its header', async () => {
  const answer = await fetch(`${gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-equipoise-route': 'main-job' },
    body: JSON.stringify({
      model: 'gpt-oss-20b',
      messages: [{ role: 'user', content: 'My mail is ann@example.org. What is 6 x 7?' }],
    }),
  })
  expect(answer.status).toBe(200)
  const callId = answer.headers.get('x-equipoise-call-id')
  const call = await eventually('the call in the store', async () => {
    const rows = await query(
      `SELECT route, outcome, prompt, ttft_seconds, usage_source FROM calls WHERE call_id = '${callId}'`,
    )
    return rows[0]?.['route'] === undefined ? undefined : rows[0]
  })
  expect(call['route']).toBe('main-job')
  expect(call['outcome']).toBe('success')
  expect(call['usage_source']).toBe('upstream')
  expect(call['prompt']).not.toContain('ann@example.org')
  expect(call['prompt']).toContain('[redacted:email]')
})

test('a healthy fleet raises no alert; a model that turns unsafe at flat latency raises one', async () => {
  expect(webhooks.received).toEqual([])
  const { code, output } = await runToEnd([
    'lab',
    'fault',
    'unsafe',
    '--model',
    'Qwen2.5-7B-Instruct',
    '--control',
    control,
  ])
  expect(code, output).toBe(0)
  const alert = await eventually(
    'the alert at the webhook',
    async () => webhooks.received.find((body) => JSON.stringify(body).includes('firing')),
    // Two windows when it is quiet; while other tests keep both cores busy, latency is not steady at first.
    360_000,
  )
  expect(alert).toMatchObject({ model: 'Qwen2.5-7B-Instruct', state: 'firing' })
  expect(JSON.stringify(alert)).toContain('safety')
  expect(JSON.stringify(webhooks.received)).not.toContain('gpt-oss-20b')
}, 480_000)
