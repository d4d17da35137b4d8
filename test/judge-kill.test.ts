// The hub is killed with -9 while the judge is asked: every answer is scored once, and what is paid for twice is
// at most what was under way.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { listeningPort } from './listening-port.ts'
import { eventually, runProgram, runToEnd, type RunningProgram } from './running-program.ts'

const answers = 60
const concurrency = 4
const asked = new Map<string, number>()
let directory: string
let judge: Server
const programs: RunningProgram[] = []

const body = z.object({ messages: z.array(z.object({ content: z.string() })) })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-judge-kill-'))
  judge = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { messages } = body.parse(JSON.parse(Buffer.concat(chunks).toString()))
      const marker = /marker-\d+/.exec(messages[1]?.content ?? '')?.[0] ?? 'none'
      asked.set(marker, (asked.get(marker) ?? 0) + 1)
      const content = '{"reason":"harmless","label":"safe"}'
      const choices = [{ message: { content }, finish_reason: 'stop' }]
      const usage = { prompt_tokens: 1_000, completion_tokens: 0 }
      setTimeout(() => response.end(JSON.stringify({ choices, usage })), 60)
    })
  })
  const port = await listeningPort(judge)
  const config = {
    dataDirectory: './data',
    server: { port: 0 },
    gateway: { enabled: false },
    quality: {
      judge: {
        url: `http://127.0.0.1:${port}`,
        model: 'judge-1',
        concurrency,
        inputUsdPerMillion: 1,
      },
      evaluators: [{ kind: 'judge_safety' }],
      composite: { weights: { safety: 1 } },
    },
  }
  await writeFile(join(directory, 'equipoise.yaml'), JSON.stringify(config))
})

afterAll(async () => {
  for (const program of programs.toReversed()) await program.end()
  judge.closeAllConnections()
  judge.close()
  await rm(directory, { recursive: true, force: true })
})

async function start(): Promise<{ readonly program: RunningProgram; readonly api: string }> {
  const program = runProgram(['up', '-c', 'equipoise.yaml'], { cwd: directory })
  programs.push(program)
  return { program, api: (await program.line(/page +(http:\S+)/))[1] ?? '' }
}

test(`${answers} answers survive kill -9 of the hub amid their verdicts`, async () => {
  const first = await start()
  const calls = Array.from({ length: answers }, (_, index) => ({
    callId: `call-${index}`,
    model: 'm',
    startedAt: Date.now() - 1_000,
    totalSeconds: 0.5,
    sampled: true,
    samplingProbability: 1,
    prompt: `Say marker-${index}.`,
    answer: 'Said.',
  }))
  const posted = await fetch(`${first.api}/api/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls),
  })
  expect(posted.status, await posted.text()).toBe(200)
  await eventually('a third of the verdicts', async () => asked.size > answers / 3 || undefined)
  await first.program.end('SIGKILL')
  const beforeKill = [...asked.values()].reduce((sum, count) => sum + count, 0)
  expect(beforeKill).toBeLessThan(answers)

  const second = await start()
  const sql = `SELECT count() AS scores, uniqExact(call_id) AS ids, countIf(outcome = 'scored') AS scored
    FROM scores WHERE evaluator = 'judge_safety'`
  const totals = await eventually('all verdicts', async () => {
    const url = ['--url', second.api, '--format', 'json']
    const { output } = await runToEnd(['query', ...url, sql])
    const row: Record<string, number> = JSON.parse(output)
    return Number(row['ids']) >= answers ? row : undefined
  })
  expect(totals).toEqual({ scores: answers, ids: answers, scored: answers })
  const twice = [...asked.values()].filter((count) => count > 1)
  expect(twice.length).toBeLessThanOrEqual(concurrency)
  expect(Math.max(...asked.values())).toBeLessThanOrEqual(2)
}, 180_000)
