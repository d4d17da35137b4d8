import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog } from '../telemetry/log.ts'
import { openHandOverLog, readHandOverLog, type HandOverLog } from './hand-over-log.ts'
import type { HandOver } from './hand-overs.ts'
import { keysOf } from './record-keys.ts'
import { newSegmentName } from './segment-name.ts'

let directory: string
let opened: HandOverLog | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hand-overs-'))
})

afterEach(async () => {
  await opened?.close()
  await rm(directory, { recursive: true })
})

async function open(bounds = { keepMs: 8_000, mostKeys: 80 }): Promise<HandOverLog> {
  await opened?.close()
  opened = await openHandOverLog({
    directory,
    log: createLog('test', 'silent'),
    baseline: () => Promise.resolve(new Map([['calls', [{ from: 1, to: 1, rows: 7 }]]])),
    now: () => atMs,
    bounds,
  })
  return opened
}

let atMs = 0

/** Ten rows and ten keys of the second `second`. */
function handOver(second: number): HandOver {
  atMs = second * 1_000
  return {
    segment: newSegmentName('calls', 'hub', atMs).name,
    atMs,
    rows: 10,
    total: (second + 1) * 10,
    days: [{ from: 5, to: 5, rows: 10 }],
    keys: keysOf(Array.from({ length: 10 }, (_, index) => `${second} ${index}`)),
  }
}

test('sums go on for ever, keys for their time, and the files stay few', async () => {
  for (let second = 0; second < 100; second += 1) {
    const log = second % 7 === 0 || opened === undefined ? await open() : opened
    await log.note(handOver(second))
  }
  const { sums, handOvers } = await readHandOverLog(directory)
  expect(sums.writers.get('hub calls')).toEqual({ rows: 1_000, total: 1_000 })
  expect(sums.days.get('calls')).toEqual([
    { from: 1, to: 1, rows: 7 },
    { from: 5, to: 5, rows: 1_000 },
  ])
  expect(handOvers.length).toBeGreaterThanOrEqual(8)
  expect(handOvers.length).toBeLessThan(20)
  expect(handOvers.at(-1)?.keys).toHaveLength(80)
})

test('a segment that comes again is noted once, in the same run and in the next', async () => {
  const one = handOver(1)
  await (await open()).note(one)
  await opened?.note(one)
  await (await open()).note(one)
  expect(opened?.sums().writers.get('hub calls')).toEqual({ rows: 10, total: 20 })
})

test('a line that was cut off is not there, and the next one is whole', async () => {
  await (await open()).note(handOver(1))
  const [file = ''] = await readdir(directory)
  await appendFile(join(directory, file), '{"segment":"calls-hub')
  await (await open()).note(handOver(2))
  const { sums, damagedLines } = await readHandOverLog(directory)
  expect(sums.writers.get('hub calls')).toEqual({ rows: 20, total: 30 })
  expect(damagedLines).toBe(0)
})

test('a line that was changed is left out and counted', async () => {
  const wide = { keepMs: 8_000_000, mostKeys: 8_000 }
  await (await open(wide)).note(handOver(1))
  await opened?.note(handOver(2))
  const [file = ''] = await readdir(directory)
  const text = await readFile(join(directory, file), 'utf8')
  await writeFile(join(directory, file), text.replace('"rows":10', '"rows":11'))
  const log = await open(wide)
  expect(log.damagedLines).toBe(1)
  expect(log.sums().writers.get('hub calls')).toEqual({ rows: 10, total: 30 })
})
