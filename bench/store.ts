// How fast the board is read from a store that holds weeks of traffic, and whether that grows with the traffic.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import { z } from 'zod'
import type { Benchmark } from './benchmark.ts'

const defaults = { calls: '10000000', samples: '80000000', repetitions: '40', directory: '' }

export const store: Benchmark = {
  name: 'store',
  summary:
    'Boards of 6 h, 24 h and 7 d from a loaded store, and their growth with ten times the calls.',
  options: {
    calls: `Calls over 8 days (${defaults.calls}).`,
    samples: `Samples over 8 days (${defaults.samples}).`,
    repetitions: `Boards read of each window (${defaults.repetitions}).`,
    directory: 'Folder to load into and to keep; where it is loaded already, it is only measured.',
  },
  run: runStore,
}

/** Threads as the command line asks for them: only a new process can. */
const threads = '16'

async function runStore(options: Readonly<Record<string, string>>) {
  const file = join(import.meta.dirname, `store-process${extname(import.meta.filename)}`)
  const child = fork(file, [JSON.stringify({ ...defaults, ...options })], {
    env: { ...process.env, UV_THREADPOOL_SIZE: threads },
  })
  const answered = once(child, 'message')
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The benchmark's process ended with code ${code}.`)
  const [figures]: unknown[] = await answered
  return z.record(z.string(), z.number()).parse(figures)
}
