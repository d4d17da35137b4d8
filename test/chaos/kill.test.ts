// The hub is killed with -9 at random moments while every door takes records: what was acknowledged is there, once.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRandom, type Random } from '../../src/stats/random.ts'
import type { RunningProgram } from '../running-program.ts'
import { chaosHub, swiftSpool, type ChaosHub } from './chaos-hub.ts'
import { createLedger } from './ledger.ts'
import {
  differences,
  equalRollups,
  flawless,
  quarantined,
  rollupDifferences,
  spoolIsLoaded,
} from './stored.ts'
import { clientNames, startTraffic } from './traffic.ts'

const kills = Number(process.env['EQUIPOISE_CHAOS_KILLS'] ?? 6)
const seed = process.env['EQUIPOISE_CHAOS_SEED'] ?? String(Math.floor(Math.random() * 1e9))

test(
  `${kills} kills with -9 (EQUIPOISE_CHAOS_KILLS) at moments of seed ${seed} (EQUIPOISE_CHAOS_SEED)`,
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'equipoise-chaos-kill-'))
    const hub = await chaosHub(directory, swiftSpool)
    const ledger = createLedger()
    const moments = createMoments()
    const random = createRandom(seed)
    const startMs = await startTimeMs(hub)
    const traffic = startTraffic({
      url: hub.url,
      ledger,
      importDirectory: directory,
      onMoment: (moment) => moments.tell(moment),
    })
    let program: RunningProgram | undefined
    try {
      say(`A start takes ${startMs} ms. Seed ${seed}, ${kills} kills.`)
      for (let kill = 1; kill <= kills; kill += 1) {
        program = hub.start()
        // The first kill meets a hub that serves: one that never did has nothing to lose.
        const kind = kill === 1 ? 'after an answer' : random.pick(momentKinds)
        const what = await killAt({ kind, random, hub, program, moments, startMs })
        await program.end('SIGKILL')
        say(`Kill ${kill} of ${kills}: ${what}; ${ledger.keysOf('calls').size} calls are safe.`)
      }
      program = hub.start()
      await hub.serving(program)
      await traffic.finish()
      await spoolIsLoaded(hub.dataDirectory)

      for (const name of [...clientNames, 'import']) {
        expect(ledger.batchesOf(name), name).toBeGreaterThan(0)
      }
      expect(await quarantined(hub.dataDirectory)).toEqual([])
      const found = await differences(hub.url, ledger)
      say(JSON.stringify({ seed, found, putOffs: ledger.putOffs() }, null, 2))
      expect.soft(found).toEqual(flawless(ledger))
      expect.soft(await rollupDifferences(hub.url)).toEqual(equalRollups)
    } finally {
      await program?.end('SIGKILL')
      await traffic.abandon()
      await rm(directory, { recursive: true, force: true })
    }
  },
  120_000 + kills * 30_000,
)

const momentKinds = [
  'while it starts',
  'while it serves',
  'within a request',
  'after an answer',
  'while it loads',
] as const

interface Kill {
  readonly kind: (typeof momentKinds)[number]
  readonly random: Random
  readonly hub: ChaosHub
  readonly program: RunningProgram
  readonly moments: Moments
  /** What a start takes, about. */
  readonly startMs: number
}

/** Resolves at a moment of the kind; returns what it was. */
async function killAt({ kind, random, hub, program, moments, startMs }: Kill): Promise<string> {
  if (kind === 'while it starts') {
    const afterMs = random.below(startMs)
    await wait(afterMs)
    return `${afterMs} ms after it was started`
  }
  await hub.serving(program)
  if (kind === 'while it serves') {
    const afterMs = random.below(3_000)
    await wait(afterMs)
    return `${afterMs} ms after it began to serve`
  }
  if (kind === 'while it loads') {
    // Loads run almost without a pause once the first segments are sealed.
    const afterMs = 300 + random.below(300)
    await wait(afterMs)
    return `amid loads, ${afterMs} ms after it began to serve`
  }
  const count = 1 + random.below(60)
  const moment = kind === 'within a request' ? 'sent' : 'acknowledged'
  await moments.next(moment, count)
  if (moment === 'acknowledged') return `right after answer ${count}`
  // Within the time that a request takes, from its first byte to its fsync.
  const afterMs = random.below(12)
  await wait(afterMs)
  return `${afterMs} ms into request ${count}`
}

/** What a start takes on this machine now, on tables that are there. */
async function startTimeMs(hub: ChaosHub): Promise<number> {
  await serveOnce(hub)
  const startedMs = performance.now()
  await serveOnce(hub)
  return Math.round(performance.now() - startedMs)
}

async function serveOnce(hub: ChaosHub): Promise<void> {
  const program = hub.start()
  try {
    await hub.serving(program)
  } finally {
    await program.end('SIGKILL')
  }
}

interface Moments {
  tell(moment: 'sent' | 'acknowledged'): void
  /** Resolves at the `count`-th from now. */
  next(moment: 'sent' | 'acknowledged', count: number): Promise<void>
}

function createMoments(): Moments {
  let awaited: { readonly moment: string; left: number; readonly arrive: () => void } | null = null
  return {
    tell(moment) {
      if (awaited?.moment !== moment) return
      awaited.left -= 1
      if (awaited.left > 0) return
      awaited.arrive()
      awaited = null
    },
    next: (moment, count) =>
      new Promise((arrive) => {
        awaited = { moment, left: count, arrive }
      }),
  }
}

/** Straight to the terminal: a run of 50 kills takes minutes. */
function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
