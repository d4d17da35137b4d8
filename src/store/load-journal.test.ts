// Every step of a load as a place to be killed, against a small model of the engine.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RetryableError } from '../records/failure.ts'
import { openLoadJournal, type LoadJournal } from './load-journal.ts'
import type { TableSession } from './table-blocks.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'))
})

afterEach(() => rm(directory, { recursive: true }))

interface ModelTable {
  /** Pieces that are in, each with its block. */
  readonly parts: { readonly piece: string; readonly block: number }[]
  readonly tokens: Set<string>
  window: number
  /** Highest block given out by this process. */
  block: number
}

/** What the engine does that matters here: token first, part second, one table after another. */
class ModelEngine implements TableSession {
  readonly tables: Readonly<Record<string, ModelTable>> = {
    calls: { parts: [], tokens: new Set(), window: 10_000, block: 0 },
    calls_1m: { parts: [], tokens: new Set(), window: 10_000, block: 0 },
    calls_5m: { parts: [], tokens: new Set(), window: 10_000, block: 0 },
  }
  freeBytes = 2 ** 30
  /** Steps until it stops. */
  fuse = Infinity
  /** `kill`: nothing works until `restart`. `fault`: one statement fails. */
  stopsBy: Turn['stopsBy'] = 'kill'

  restart(): void {
    this.fuse = Infinity
    for (const table of Object.values(this.tables)) table.block = highest(table)
  }

  /** Takes a table's parts away, as their TTL does. */
  expire(table: string): void {
    this.tables[table]?.parts.splice(0)
  }

  pieces(table: string): readonly string[] {
    return this.tables[table]?.parts.map(({ piece }) => piece) ?? []
  }

  #step(): void {
    this.fuse -= 1
    if (this.fuse >= 0) return
    if (this.stopsBy === 'fault') this.fuse = Infinity
    throw new Error('stopped')
  }

  async select(sql: string) {
    if (sql.includes('system.disks')) return { columns: [], rows: [[this.freeBytes]] }
    this.#step()
    const rows = sql.includes('dependencies_table')
      ? [
          ['calls', 'calls_1m'],
          ['calls_1m', 'calls_5m'],
          ['other', 'other_1m'],
        ]
      : Object.entries(this.tables)
          .filter(([name, { parts }]) => parts.length > 0 && sql.includes(`'${name}'`))
          .map(([name, table]) => [name, highest(table)])
    return { columns: [], rows }
  }

  async command(sql: string): Promise<void> {
    const [, name, window] = /^ALTER TABLE `(\w+)` .* = (\d+)$/.exec(sql) ?? []
    if (name === undefined) {
      for (const table of Object.values(this.tables)) this.#insert(table, sql)
      return
    }
    this.#step()
    if (this.freeBytes === 0) throw new Error(`the definition of ${name} is gone`)
    const table = this.tables[name]
    if (table === undefined) throw new Error(`no table ${name}`)
    table.window = Number(window)
    if (table.window === 0) table.tokens.clear()
  }

  #insert(table: ModelTable, piece: string): void {
    this.#step()
    if (table.tokens.has(piece)) return
    if (table.window > 0) table.tokens.add(piece)
    this.#step()
    table.block += 1
    table.parts.push({ piece, block: table.block })
  }
}

function highest({ parts }: ModelTable): number {
  return Math.max(0, ...parts.map(({ block }) => block))
}

const september = ['202609']
const twoMonths = ['202609', '202610']
const journalPath = () => join(directory, 'loads')
const pathOf = (segment: string) => join(directory, segment)

async function load(
  journal: LoadJournal,
  segment: string,
  months: readonly string[],
): Promise<void> {
  for (const partition of months) {
    const piece = { segment, path: pathOf(segment), table: 'calls', partition }
    await journal.insertOnce(piece, `${segment}/${partition}`)
  }
}

/** Loads one after another; the process is killed after some steps at the latest, lives on after a fault, or ends well. */
interface Turn {
  readonly loads: readonly string[]
  readonly steps: number
  readonly stopsBy: 'kill' | 'fault' | 'nothing'
  /** Whether a file goes once its load has returned. */
  readonly isDeleting: boolean
}

const segments = ['a', 'b', 'c']

const turn: fc.Arbitrary<Turn> = fc.record({
  loads: fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 3 }),
  steps: fc.nat({ max: 60 }),
  stopsBy: fc.constantFrom('kill', 'kill', 'fault', 'nothing'),
  isDeleting: fc.boolean(),
})

async function isLoadedBy(
  journal: LoadJournal,
  segment: string,
  months: readonly string[],
): Promise<boolean> {
  return load(journal, segment, months).then(
    () => true,
    () => false,
  )
}

/** Plays the turns, then loads what is left in peace; returns the engine's tables. */
async function play(turns: readonly Turn[], months: readonly string[]): Promise<ModelEngine> {
  const engine = new ModelEngine()
  await rm(journalPath(), { force: true })
  for (const segment of segments) await writeFile(pathOf(segment), '')
  const waiting = new Set(segments)
  let journal: LoadJournal | undefined
  for (const { loads, steps, stopsBy, isDeleting } of turns) {
    engine.fuse = stopsBy === 'nothing' ? Infinity : steps
    engine.stopsBy = stopsBy
    journal ??= await openLoadJournal(journalPath(), engine)
    for (const segment of loads) {
      if (waiting.has(segment) && (await isLoadedBy(journal, segment, months)) && isDeleting) {
        waiting.delete(segment)
        await rm(pathOf(segment))
      }
    }
    if (stopsBy === 'nothing') await journal.close()
    if (stopsBy === 'fault') continue
    engine.restart()
    journal = undefined
  }
  engine.restart()
  journal = await openLoadJournal(journalPath(), engine)
  for (const segment of waiting) await load(journal, segment, months)
  return engine
}

function expectEachOnce(engine: ModelEngine, months: readonly string[]): void {
  const pieces = segments.flatMap((segment) => months.map((month) => `${segment}/${month}`))
  for (const table of Object.values(engine.tables)) {
    expect(table.parts.map(({ piece }) => piece).toSorted()).toEqual(pieces)
    expect(table.window).toBe(10_000)
  }
}

test('each piece is in each table once, wherever loads are killed or fail, in whatever order they come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 5 }), async (turns) => {
      expectEachOnce(await play(turns, twoMonths), twoMonths)
    }),
    { numRuns: 150 },
  )
})

test('a load killed at any step, and the next process at any step of another segment and this one', async () => {
  // Six steps load a piece; judging it and repeating its half take up to nine.
  for (let first = 0; first <= 6; first += 1) {
    for (let second = 0; second <= 21; second += 1) {
      const kill = { stopsBy: 'kill', isDeleting: false } as const
      const turns = [
        { ...kill, loads: ['a'], steps: first },
        { ...kill, loads: ['b', 'a'], steps: second },
      ]
      expectEachOnce(await play(turns, september), september)
    }
  }
})

test('blocks that are given out again, once expired parts are gone, do not count as the start', async () => {
  const engine = new ModelEngine()
  for (const segment of segments) await writeFile(pathOf(segment), '')
  const first = await openLoadJournal(journalPath(), engine)
  await load(first, 'a', september)
  // Two looks, then rows with their token: stopped before the rollup.
  engine.fuse = 4
  await expect(load(first, 'b', september)).rejects.toThrow('stopped')
  engine.expire('calls_1m')
  engine.restart()
  // A look, two for the tokens, then the repeated rows and their rollup: stopped before it is noted.
  engine.fuse = 6
  const second = await openLoadJournal(journalPath(), engine)
  await expect(load(second, 'c', september)).rejects.toThrow('stopped')
  engine.restart()
  const third = await openLoadJournal(journalPath(), engine)
  await load(third, 'b', september)
  expect(engine.pieces('calls_1m')).toEqual(['b/202609'])
})

test('a rest that cannot be loaded holds up the others and says so, until its file is moved away', async () => {
  const engine = new ModelEngine()
  for (const segment of segments) await writeFile(pathOf(segment), '')
  const journal = await openLoadJournal(journalPath(), engine)
  // Two looks, then rows with their token: stopped before the rollup.
  Object.assign(engine, { fuse: 4, stopsBy: 'kill' })
  await expect(load(journal, 'a', twoMonths)).rejects.toThrow('stopped')
  engine.restart()
  const next = await openLoadJournal(journalPath(), engineWithoutInserts(engine))
  const refusal = load(next, 'b', twoMonths)
  await expect(refusal).rejects.toThrow(RetryableError)
  await expect(refusal).rejects.toThrow(pathOf('a'))
  await rm(pathOf('a'))
  const last = await openLoadJournal(journalPath(), engine)
  await load(last, 'b', twoMonths)
  expect(engine.pieces('calls')).toEqual(['a/202609', 'b/202609', 'b/202610'])
  expect(engine.pieces('calls_1m')).toEqual(['b/202609', 'b/202610'])
})

test('on a full disk no definition of a table is touched; with room the load goes on', async () => {
  const engine = new ModelEngine()
  for (const segment of segments) await writeFile(pathOf(segment), '')
  const journal = await openLoadJournal(journalPath(), engine)
  // Two looks, then rows with their token: stopped before the rollup.
  Object.assign(engine, { fuse: 4, stopsBy: 'fault', freeBytes: 0 })
  await expect(load(journal, 'a', september)).rejects.toThrow('stopped')
  await expect(load(journal, 'a', september)).rejects.toThrow(RetryableError)
  await expect(load(journal, 'a', september)).rejects.toThrow(/0 bytes left/)
  engine.freeBytes = 2 ** 30
  await load(journal, 'a', september)
  expect([engine.pieces('calls'), engine.pieces('calls_1m')]).toEqual([['a/202609'], ['a/202609']])
})

function engineWithoutInserts(engine: ModelEngine): TableSession {
  return {
    select: (sql) => engine.select(sql),
    command: (sql) =>
      sql.startsWith('ALTER') ? engine.command(sql) : Promise.reject(new Error('unreadable')),
  }
}
