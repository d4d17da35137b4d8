// `equipoise doctor` on the real program: accounts that add up after kill -9, and say so when they do not.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isWell, type DoctorReport } from '../src/api/doctor-report.ts'
import { eventually, runProgram, runToEnd, type RunningProgram } from './running-program.ts'

let directory: string
let program: RunningProgram | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-doctor-'))
})

afterEach(async () => {
  await program?.end('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

const config = () => join(directory, 'equipoise.yaml')

/** @param rotateEvery how long rows wait in the spool */
async function start(rotateEvery: string): Promise<string> {
  await writeFile(
    config(),
    `dataDirectory: ${join(directory, 'data')}\nserver: { port: 0 }\ngateway: { enabled: false }\n` +
      `quality: { evaluators: [] }\nspool: { rotateEvery: ${rotateEvery} }\n`,
  )
  program = runProgram(['up', '-c', config()])
  return (await program.line(/http:\/\/127\.0\.0\.1:\d+/))[0]
}

const calls = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    callId: `c-${from + index}`,
    model: 'a',
    totalSeconds: 1,
  }))

async function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  expect(answer.status, text).toBeLessThan(300)
  const read: Record<string, unknown> = JSON.parse(text)
  return read
}

async function doctor(url?: string): Promise<{ code: number | null; report: DoctorReport }> {
  const where = url === undefined ? ['-c', config()] : ['--url', url]
  const { code, output } = await runToEnd(['doctor', '--format', 'json', ...where])
  const report: DoctorReport = JSON.parse(output)
  return { code, report }
}

const tableOf = (report: DoctorReport, table: string) =>
  report.tables.find((one) => one.table === table)

test('killed with rows in the spool: a batch sent again is stored once, and all accounts add up', async () => {
  const first = await start('1h')
  expect(await post(first, 'calls', calls(0, 100))).toMatchObject({ accepted: 100, duplicates: 0 })
  const nameless = [{ startedAt: '2026-01-01T00:00:00Z', model: 'a', totalSeconds: 2 }]
  const event = { kind: 'deploy', title: 'v2' }
  const once = { 'idempotency-key': 'deploy-1' }
  await post(first, 'calls', nameless)
  const { eventIds } = await post(first, 'events', event, once)
  await program?.end('SIGKILL')

  const idle = await doctor()
  expect([idle.code, idle.report.verdict], JSON.stringify(idle.report)).toEqual([0, 'adds up'])
  expect(tableOf(idle.report, 'calls')).toMatchObject({ accepted: 101, stored: 0, waiting: 101 })

  const second = await start('100ms')
  const again = await post(second, 'calls', calls(50, 150))
  expect(again).toMatchObject({ accepted: 50, duplicates: 50 })
  expect(await post(second, 'calls', nameless)).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await post(second, 'events', event, once)).toMatchObject({ eventIds })
  const settled = await eventually('everything in the store', async () => {
    const { report, code } = await doctor(second)
    return tableOf(report, 'calls')?.waiting === 0 ? { report, code } : undefined
  })
  expect([settled.code, settled.report.verdict]).toEqual([0, 'adds up'])
  expect(isWell(settled.report)).toBe(true)
  expect(tableOf(settled.report, 'calls')).toMatchObject({
    accepted: 151,
    missing: 0,
    isExact: true,
  })
  // One of them is older than retention: the store may have dropped it already.
  const { stored = 0, expired = 0 } = tableOf(settled.report, 'calls') ?? {}
  expect([stored + expired, expired <= 1]).toEqual([151, true])
  expect(tableOf(settled.report, 'events')).toMatchObject({ accepted: 1, stored: 1 })
  expect(settled.report.doors).toContainEqual(
    expect.objectContaining({
      door: 'rows',
      table: 'calls',
      received: 101,
      accepted: 50,
      duplicate: 51,
    }),
  )
  // After the keys have left the spool too.
  await program?.end('SIGKILL')
  const third = await start('100ms')
  expect(await post(third, 'calls', calls(0, 150))).toMatchObject({ accepted: 0, duplicates: 150 })
}, 180_000)

test('rows that vanish are missed, and who is asked says how many and where', async () => {
  const url = await start('1h')
  await post(url, 'calls', calls(0, 30))
  await program?.end('SIGKILL')
  const spool = join(directory, 'data', 'spool', 'hub')
  const rows = (await readdir(spool)).filter((file) => /^calls-.*\.rows$/.test(file))
  await Promise.all(rows.map((file) => rm(join(spool, file))))
  const { code, report } = await doctor()
  expect([code, report.verdict]).toEqual([1, 'does NOT add up: 30 rows of calls are missing'])

  const next = await start('100ms')
  const { output, code: nextCode } = await runToEnd(['doctor', '--url', next])
  expect(output).toContain('30 rows of calls are missing')
  expect(output).toContain('the file of its 30 rows is gone')
  expect(nextCode).toBe(1)
}, 180_000)
