import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UserError } from '../records/failure.ts'
import { takePidLock } from './pid-lock.ts'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pid-lock-'))
  path = join(directory, 'store.lock')
})

afterEach(() => rm(directory, { recursive: true }))

test('a second taker is told who holds it, and gets it after release', async () => {
  const first = await takePidLock(path, 'The data directory x')
  const second = takePidLock(path, 'The data directory x')
  await expect(second).rejects.toThrow(UserError)
  await expect(second).rejects.toThrow(`The data directory x is in use by process ${process.pid}`)
  await first.release()
  const third = await takePidLock(path, 'x')
  await third.release()
  expect(await readdir(directory)).toEqual([])
})

test('a living process of another pid holds it', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  try {
    await writeFile(path, JSON.stringify({ pid: child.pid, startedAt: null, id: 'other' }))
    await expect(takePidLock(path, 'x')).rejects.toThrow(`process ${child.pid}`)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const lock = await takePidLock(path, 'x')
  await lock.release()
})

test.each([
  ['of this pid in an earlier run', { pid: process.pid, startedAt: null, id: 'earlier' }],
  ['whose pid now belongs to another program', { pid: 1, startedAt: '-1', id: 'earlier' }],
])('a lock %s is taken over', async (_what, holder) => {
  await writeFile(path, JSON.stringify(holder))
  const lock = await takePidLock(path, 'x')
  await lock.release()
})

test('a lock file that is not one is taken over', async () => {
  await writeFile(path, '4711\n')
  const lock = await takePidLock(path, 'x')
  await lock.release()
})

test('of many takers at once exactly one wins, also over a stale lock', async () => {
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null, id: 'gone' }))
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => takePidLock(path, 'x')))
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
})
