// Kills a process that accepts and loads at once, at random moments, and counts afterwards.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import { listSealed, readSealed } from '../spool/sealed-segments.ts'
import { openSpool } from '../spool/spool.ts'
import { createLog } from '../telemetry/log.ts'
import { startLoader } from './loader.ts'
import { openStore } from './open-store.ts'

const chdb = await import('chdb/connection').catch(() => undefined)
const log = createLog('test', 'silent')
const spoolConfig = { commitEvery: 1, rotateEvery: 50, rotateSize: 2 ** 24, maxSize: 2 ** 30 }

/** Batches that a run is told are safe before it may be killed. */
const leastBatches = 5
const rounds = 3

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crash-'))
})

afterEach(() => rm(directory, { recursive: true }))

/** Accepts batches for ever and prints each batch's number once it is acknowledged; loads beside it. */
const program = (round: number) => `
  import { openSpool } from ${module('../spool/spool.ts')}
  import { exampleCall, exampleSample, exampleScore } from ${module('../spool/examples.ts')}
  import { createLog } from ${module('../telemetry/log.ts')}
  import { storeSchema } from ${module('../config/server-schema.ts')}
  import { openStore } from ${module('./open-store.ts')}
  import { startLoader } from ${module('./loader.ts')}
  const log = createLog('child', 'silent')
  const directory = ${JSON.stringify(join(directory, 'spool'))}
  const store = await openStore({ config: storeSchema.parse({}), dataDirectory: ${JSON.stringify(directory)}, log })
  const spool = await openSpool({ directory, writer: 'hub', config: ${JSON.stringify(spoolConfig)}, log, now: Date.now })
  startLoader({ store, directories: [directory], log, onLoaded: () => undefined, pollMs: 5 })
  for (let batch = 0; ; batch += 1) {
    const id = '${round}-' + batch
    const startedAtMs = Date.now()
    await Promise.all([
      spool.accept('calls', [0, 1, 2].map((n) => exampleCall({ callId: id + '-' + n, startedAtMs, prompt: 'system '.repeat(100), answer: id.repeat(100) }))),
      spool.accept('scores', [exampleScore({ callId: id, callStartedAtMs: startedAtMs })]),
      spool.accept('samples', [exampleSample({ timeMs: startedAtMs, value: batch })]),
    ])
    process.stdout.write(id + '\\n')
  }`

const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

/** Runs the program until it is killed; returns the batches that it was told are safe. */
async function runAndKill(round: number): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program(round)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // Its end, not that of its output: until then it may still hold the directory's locks.
  const ended = once(child, 'close')
  const enough = leastBatches + Math.random() * 30
  const killAfterMs = Math.random() * 30
  let output = ''
  for await (const chunk of child.stdout) {
    const before = output
    output += String(chunk)
    const isEnough = (text: string) => text.split('\n').length > enough
    if (isEnough(output) && !isEnough(before)) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return output.split('\n').slice(0, -1)
}

test.skipIf(chdb === undefined)(
  'after kill -9 at any moment every acknowledged row is there exactly once, and rollups agree',
  async () => {
    const acknowledged: string[] = []
    for (let round = 0; round < rounds; round += 1) acknowledged.push(...(await runAndKill(round)))
    expect(acknowledged.length).toBeGreaterThanOrEqual(rounds * leastBatches)

    const store = await openStore({
      config: storeSchema.parse({}),
      dataDirectory: directory,
      log,
    })
    const folder = join(directory, 'spool')
    const spool = await openSpool({
      directory: folder,
      writer: 'hub',
      config: spoolConfig,
      log,
      now: Date.now,
    })
    // A load whose deletion a crash prevented is a load that happens again.
    for (const sealed of await listSealed(folder)) await store.load(await readSealed(sealed))
    const loader = startLoader({ store, directories: [folder], log, onLoaded: () => undefined })
    await loader.drain()
    expect(loader.stats().quarantinedSegments).toBe(0)
    expect(spool.stats().quarantinedSegments).toBe(0)

    const calls = await store.query<{ id: string; n: number }>(
      'SELECT call_id AS id, count() AS n FROM calls GROUP BY id',
    )
    expect(calls.filter(({ n }) => n !== 1)).toEqual([])
    const present = new Set(calls.map(({ id }) => id))
    const missing = acknowledged.flatMap((id) => [0, 1, 2].map((n) => `${id}-${n}`))
    expect(missing.filter((id) => !present.has(id))).toEqual([])
    const scores = await store.query<{ id: string; n: number }>(
      'SELECT call_id AS id, count() AS n FROM scores GROUP BY id',
    )
    expect(scores.filter(({ n }) => n !== 1)).toEqual([])
    const scored = new Set(scores.map(({ id }) => id))
    expect(acknowledged.filter((id) => !scored.has(id))).toEqual([])

    const [totals] = await store.query<Record<string, number>>(
      `SELECT
      (SELECT count() FROM calls) = (SELECT sum(calls) FROM calls_1m) AS calls,
      (SELECT sum(prompt_tokens) FROM calls) = (SELECT sum(prompt_tokens) FROM calls_1m) AS tokens,
      (SELECT count() FROM scores) = (SELECT sum(scored) FROM scores_1m) AS scores,
      (SELECT sum(calls) FROM calls_1m) = (SELECT sum(calls) FROM calls_5m) AS calls5m,
      (SELECT sum(scored) FROM scores_1m) = (SELECT sum(scored) FROM scores_5m) AS scores5m,
      (SELECT sum(calls) FROM calls_1m) = (SELECT sum(calls) FROM calls_30m) AS calls30m,
      (SELECT sum(scored) FROM scores_1m) = (SELECT sum(scored) FROM scores_30m) AS scores30m,
      (SELECT (sum(count), sum(sum)) FROM samples_1m) = (SELECT (sum(count), sum(sum)) FROM samples_5m) AS samples5m,
      (SELECT countIf(sampled) FROM calls) = (SELECT uniqExact(call) FROM answers WHERE total_seconds IS NOT NULL) AS answers,
      (SELECT (count(), sum(value)) FROM samples) = (SELECT (sum(count), sum(sum)) FROM samples_1m) AS samples,
      (SELECT count() FROM samples) >= {least:UInt64} AS kept,
      (SELECT countIf(prompt_hash = 0 OR prompt_hash NOT IN (SELECT hash FROM texts)
        OR (answer_hash != 0 AND answer_hash NOT IN (SELECT hash FROM texts))) FROM calls) = 0 AS texts,
      (SELECT uniqExact(series_id) FROM samples) = (SELECT uniqExact(series_id) FROM series) AS series`,
      { least: acknowledged.length },
    )
    expect(Object.entries(totals ?? {}).filter(([, holds]) => holds !== 1)).toEqual([])
    expect(Object.keys(totals ?? {})).toHaveLength(13)
    await loader.close()
    await spool.close()
    await store.close()
  },
  600_000,
)
