// A hub that is killed at any operation on its files, and a client that sends again what it has no answer for, and more.
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLog } from '../telemetry/log.ts'
import { createAcceptOnce, type AcceptOnce } from './accept-once.ts'
import { exampleEvent } from './examples.ts'
import { openHandOverLog, type HandOverLog } from './hand-over-log.ts'
import { readPending } from './pending-segments.ts'
import { rememberedKeys } from './remembered-keys.ts'
import { listSealed, readSealed, removeSealed } from './sealed-segments.ts'
import { createFile, type CreateFile, type SegmentHandle } from './segment-file.ts'
import { spoolAccounts } from './spool-accounts.ts'
import { openSpool, type Spool } from './spool.ts'
import { runsOf } from './table.ts'

const now = () => Date.UTC(2026, 0, 1)
const log = createLog('test', 'silent')

type Step =
  | { readonly kind: 'send'; readonly ids: readonly string[] }
  /** After so many operations the disk refuses so many. */
  | { readonly kind: 'refuse'; readonly after: number; readonly times: number }
  /** After so many operations the process is gone, in the middle of a write perhaps. */
  | { readonly kind: 'kill'; readonly after: number }
  | { readonly kind: 'rotate' }
  /** Loads one segment; the process is gone after so many of the steps, or never. */
  | { readonly kind: 'load'; readonly steps: number }

/** Seen again among the bytes of a row. */
const allIds = ['<a>', '<b>', '<c>', '<d>', '<e>', '<f>', '<g>', '<h>']
const id = fc.constantFrom(...allIds)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send'),
      ids: fc.uniqueArray(id, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('refuse'),
      after: fc.nat(6),
      times: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill'), after: fc.nat(10) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'rotate' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('load'), steps: fc.nat(4) }) },
)

/** A commit is refused when it is on disk already, cannot be cut off, comes again elsewhere, and then the process is gone. */
const refusedButThere: Step[] = [
  { kind: 'send', ids: ['<a>'] },
  { kind: 'refuse', after: 3, times: 2 },
  { kind: 'send', ids: ['<b>', '<c>'] },
  { kind: 'send', ids: ['<b>'] },
  { kind: 'kill', after: 0 },
  { kind: 'send', ids: ['<d>'] },
]

/** Counts operations, refuses some, and does nothing any more once the process is gone. */
class Disk {
  isDead = false
  #refuseAfter = Number.POSITIVE_INFINITY
  #refusals = 0
  #killAfter = Number.POSITIVE_INFINITY
  readonly #open = new Set<SegmentHandle>()

  refuse(after: number, times: number): void {
    this.#refuseAfter = after
    this.#refusals = times
  }

  kill(after: number): void {
    this.#killAfter = after
  }

  readonly create: CreateFile = async (path) => {
    this.#operation()
    const file = await createFile(path)
    // The process may have gone meanwhile.
    if (this.isDead) {
      await file.close()
      throw new Error('killed')
    }
    this.#open.add(file)
    return this.#watched(file)
  }

  /** What the system does with the files of a process that is gone. */
  async closeAll(): Promise<void> {
    this.isDead = true
    await Promise.all([...this.#open].map((file) => file.close()))
  }

  #operation(): void {
    if (this.#killAfter-- <= 0) this.isDead = true
    if (this.isDead) throw new Error('killed')
    if (this.#refuseAfter-- > 0 || this.#refusals <= 0) return
    this.#refusals -= 1
    throw new Error('refused')
  }

  #watched(file: SegmentHandle): SegmentHandle {
    return {
      write: async (bytes, offset, length, position) => {
        try {
          this.#operation()
        } catch (error) {
          // The worst of a refusal: all of it is there. Of a kill: half of it.
          const part = this.isDead ? Math.floor(length / 2) : length
          await file.write(bytes, offset, part, position)
          throw error
        }
        return await file.write(bytes, offset, length, position)
      },
      datasync: async () => {
        this.#operation()
        await file.datasync()
      },
      truncate: async (length) => {
        this.#operation()
        await file.truncate(length)
      },
      close: async () => {
        this.#open.delete(file)
        await file.close()
      },
    }
  }
}

interface Run {
  readonly disk: Disk
  readonly spool: Spool
  readonly once: AcceptOnce
  readonly handOvers: HandOverLog
}

/** One data directory over many runs of the program. */
class World {
  readonly #directory: string
  readonly #acknowledged = new Set<string>()
  /** What the store has, by segment: loading one twice changes nothing. */
  readonly #store = new Map<string, readonly string[]>()
  #run: Run | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  async step(step: Step): Promise<void> {
    const run = await this.#running()
    if (step.kind === 'send') await this.send(step.ids)
    if (step.kind === 'refuse') run.disk.refuse(step.after, step.times)
    if (step.kind === 'kill') run.disk.kill(step.after)
    if (step.kind === 'rotate') await run.spool.rotate().catch(() => undefined)
    if (step.kind === 'load') await this.load(step.steps)
    if (run.disk.isDead) await this.kill()
  }

  async send(ids: readonly string[]): Promise<void> {
    const { once } = await this.#running()
    const events = ids.map((eventId) => ({ ...exampleEvent(), eventId }))
    const sent = once.records('events', events, ({ eventId }) => eventId)
    await sent.then(
      () => ids.forEach((each) => this.#acknowledged.add(each)),
      () => undefined,
    )
  }

  /** As the loader does it. */
  async load(steps: number): Promise<void> {
    const { handOvers } = await this.#running()
    const [sealed] = await listSealed(this.#spool)
    if (sealed === undefined) return
    const segment = await readSealed(sealed)
    const { name, rows, total, keys } = segment
    const actions = [
      async () => {
        this.#store.set(name, await eventIds(segment.path))
      },
      async () =>
        await handOvers.note({
          segment: name,
          atMs: now(),
          rows,
          total,
          days: runsOf(segment),
          keys,
        }),
      async () => await rm(segment.path),
      async () => await removeSealed(sealed),
    ]
    for (const action of actions.slice(0, steps)) await action()
    if (steps < actions.length) return await this.kill()
    handOvers.removed(name)
  }

  async kill(): Promise<void> {
    const { disk, handOvers } = await this.#running()
    await disk.closeAll()
    await handOvers.close()
    // A line that was cut off while it was written.
    const [newest] = (await readdir(this.#handOvers)).toSorted().slice(-1)
    if (newest !== undefined) await appendFile(join(this.#handOvers, newest), '{"segment":"ev')
    await rm(join(this.#spool, 'hub.lock'), { force: true })
    this.#run = undefined
  }

  /** Everything is sent once more, acknowledged or not, and loaded. */
  async settle(all: readonly string[]): Promise<void> {
    await this.kill()
    for (const each of all) await this.send([each])
    const { spool, handOvers } = await this.#running()
    await spool.rotate()
    while ((await listSealed(this.#spool)).length > 0) await this.load(4)
    const stored = [...this.#store.values()].flat()
    expect(stored.toSorted()).toEqual([...all].toSorted())
    expect([...this.#acknowledged].toSorted()).toEqual([...all].toSorted())
    expect(await spoolAccounts([this.#spool], handOvers)).toMatchObject([
      { table: 'events', accepted: all.length, handedOver: all.length, waiting: 0, missing: 0 },
    ])
    await spool.close()
    await handOvers.close()
  }

  /** What the accounts say is true at any moment. */
  async checkAccounts(): Promise<void> {
    const { handOvers } = await this.#running()
    for (const { missing } of await spoolAccounts([this.#spool], handOvers)) expect(missing).toBe(0)
    expect((await readPending(this.#spool)).filter(({ isQuarantined }) => isQuarantined)).toEqual(
      [],
    )
  }

  get #spool(): string {
    return join(this.#directory, 'hub')
  }

  get #handOvers(): string {
    return join(this.#directory, 'handed-over')
  }

  async #running(): Promise<Run> {
    this.#run ??= await this.#start()
    return this.#run
  }

  async #start(): Promise<Run> {
    const disk = new Disk()
    const handOvers = await openHandOverLog({
      directory: this.#handOvers,
      log,
      baseline: () => Promise.resolve(new Map()),
      now,
    })
    const spool = await openSpool({
      directory: this.#spool,
      writer: 'hub',
      handOvers: this.#handOvers,
      config: { commitEvery: 0, rotateEvery: 600_000, rotateSize: 400, maxSize: 2 ** 30 },
      log,
      now,
      create: disk.create,
    })
    const memory = await rememberedKeys({
      handOvers: handOvers.before,
      directories: [this.#spool],
    })
    return { disk, spool, handOvers, once: createAcceptOnce(spool.accept, memory, now) }
  }
}

/** Ids in a segment, read back from its rows. */
async function eventIds(path: string): Promise<readonly string[]> {
  const text = (await readFile(path)).toString('latin1')
  return [...text.matchAll(/<[a-h]>/g)].map(([each]) => each)
}

test('killed anywhere, refused anywhere: every record is there once, and the accounts add up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 3, maxLength: 25 }), async (steps) => {
      const directory = await mkdtemp(join(tmpdir(), 'crash-points-'))
      try {
        const world = new World(directory)
        for (const step of steps) {
          await world.step(step)
          await world.checkAccounts()
        }
        await world.settle(allIds)
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    }),
    { numRuns: Number(process.env['EQUIPOISE_CRASH_RUNS'] ?? 40), examples: [[refusedButThere]] },
  )
}, 240_000)
