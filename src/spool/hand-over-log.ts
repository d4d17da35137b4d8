// The record of what has left the spool, durable before the segment's files go: the hub writes it, every writer reads it.
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { RetryableError, messageOf } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import { syncDirectory } from './directory-sync.ts'
import type { DayRun } from './day-runs.ts'
import {
  addHandOver,
  handOverLine,
  parseHandOvers,
  startSums,
  sumsLine,
  type HandOver,
  type HandOverSums,
} from './hand-overs.ts'
import { generations, keyBounds, type KeyBounds } from './key-memory.ts'
import { keyBytes, noKeys } from './record-keys.ts'

/** Folder of the log within a data directory. */
export function handOverDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'spool', 'handed-over')
}

/** What the files say. */
export interface HandOverRecord {
  readonly sums: HandOverSums
  /** Of the last day at least, oldest first. */
  readonly handOvers: readonly HandOver[]
  readonly damagedLines: number
}

/** Reads the log, also while another process writes it; empty when there is none. */
export async function readHandOverLog(directory: string): Promise<HandOverRecord> {
  const files = await readFiles(directory)
  const last = files.at(-1)
  return {
    sums: (last?.content.handOvers ?? []).reduce(addHandOver, last?.content.before ?? startSums()),
    handOvers: files.flatMap(({ content }) => content.handOvers),
    damagedLines: files.reduce((sum, { content }) => sum + content.damagedLines, 0),
  }
}

export interface HandOverLog {
  /** Resolves when it is durable; a segment that is noted already changes nothing. */
  note(handOver: HandOver): Promise<void>
  /** The segment's files are gone for good: it never comes again. */
  removed(segment: string): void
  /** Whether it is noted and its files may still be there. */
  has(segment: string): boolean
  sums(): HandOverSums
  /** The newest, without their keys. */
  recent(): readonly HandOver[]
  /** Of the last day, as they were when the log was opened. */
  readonly before: readonly HandOver[]
  readonly damagedLines: number
  close(): Promise<void>
}

export interface HandOverLogOptions {
  readonly directory: string
  readonly log: Log
  /** What the store holds when counting begins; asked once. */
  readonly baseline: () => Promise<ReadonlyMap<string, readonly DayRun[]>>
  readonly now: () => number
  readonly bounds?: KeyBounds
}

/** Opens the log for its one writer. */
export async function openHandOverLog(options: HandOverLogOptions): Promise<HandOverLog> {
  const { directory, log } = options
  await mkdir(directory, { recursive: true })
  const files = await readFiles(directory)
  const { sums, handOvers, damagedLines } = await readHandOverLog(directory)
  if (damagedLines > 0) {
    log.error(
      { directory, damagedLines },
      'Lines of the hand-over log are damaged; "equipoise doctor" says what is missing.',
    )
  }
  const opened = new OpenHandOverLog(options, {
    sums: files.length === 0 ? startSums(await options.baseline()) : sums,
    files: files.map(({ name, content }) => fileNote(name, content.handOvers)),
    before: handOvers,
    damagedLines,
  })
  await opened.begin(files.at(-1))
  return opened
}

interface ReadFile {
  readonly name: string
  readonly path: string
  readonly content: ReturnType<typeof parseHandOvers>
}

async function readFiles(directory: string): Promise<readonly ReadFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const mine = names.filter((name) => /^\d{8}\.log$/.test(name)).toSorted()
  const files = await Promise.all(
    mine.map(async (name) => {
      const path = join(directory, name)
      // Old files may go while this is read.
      const text = await readFile(path, 'utf8').catch(() => null)
      return text === null ? [] : [{ name, path, content: parseHandOvers(text) }]
    }),
  )
  return files.flat()
}

interface FileNote {
  readonly name: string
  readonly fromMs: number
  toMs: number
  keys: number
}

function fileNote(name: string, handOvers: readonly HandOver[]): FileNote {
  return {
    name,
    fromMs: handOvers[0]?.atMs ?? 0,
    toMs: handOvers.at(-1)?.atMs ?? 0,
    keys: handOvers.reduce((sum, { keys }) => sum + keys.length / keyBytes, 0),
  }
}

interface Opened {
  readonly sums: HandOverSums
  readonly files: readonly FileNote[]
  readonly before: readonly HandOver[]
  readonly damagedLines: number
}

/** Enough to tell what a segment that waits took up of its writer's counts. */
const mostRecent = 10_000

class OpenHandOverLog implements HandOverLog {
  readonly before: readonly HandOver[]
  readonly damagedLines: number
  readonly #options: HandOverLogOptions
  readonly #bounds: KeyBounds
  readonly #noted: Set<string>
  readonly #recent: HandOver[]
  #sums: HandOverSums
  #files: readonly FileNote[]
  #file: FileHandle | undefined
  #bytes = 0

  constructor(options: HandOverLogOptions, opened: Opened) {
    this.#options = options
    this.#bounds = options.bounds ?? keyBounds
    this.#sums = opened.sums
    this.#files = opened.files
    this.before = opened.before
    this.damagedLines = opened.damagedLines
    this.#recent = opened.before.slice(-mostRecent / 2)
    this.#noted = new Set(opened.before.map(({ segment }) => segment))
  }

  has(segment: string): boolean {
    return this.#noted.has(segment)
  }

  sums(): HandOverSums {
    return this.#sums
  }

  recent(): readonly HandOver[] {
    return this.#recent
  }

  removed(segment: string): void {
    this.#noted.delete(segment)
  }

  /** Goes on in the newest file, without its torn end. */
  async begin(newest: ReadFile | undefined): Promise<void> {
    if (newest?.content.before === undefined) return await this.#newFile()
    this.#file = await open(newest.path, 'r+')
    this.#bytes = newest.content.bytes
    await this.#file.truncate(this.#bytes)
    await this.#file.datasync()
  }

  async note(handOver: HandOver): Promise<void> {
    if (this.#noted.has(handOver.segment)) return
    if (this.#isFull(handOver.atMs)) await this.#newFile()
    const line = Buffer.from(handOverLine(handOver))
    try {
      await this.#write(line)
    } catch (error) {
      throw new RetryableError(
        `The hand-over log in ${this.#options.directory} cannot be written (${messageOf(error)}): segments stay in the spool until it can. Free space there or make it writable.`,
        { cause: error },
      )
    }
    this.#bytes += line.length
    this.#noted.add(handOver.segment)
    this.#recent.push({ ...handOver, keys: noKeys })
    if (this.#recent.length > mostRecent) this.#recent.splice(0, mostRecent / 2)
    this.#sums = addHandOver(this.#sums, handOver)
    const file = this.#files.at(-1)
    if (file === undefined) return
    file.toMs = handOver.atMs
    file.keys += handOver.keys.length / keyBytes
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }

  /** Always at the end of what is known to be whole, so that a write that failed is written over. */
  async #write(line: Buffer): Promise<void> {
    if (this.#file === undefined) throw new Error('it is closed')
    let written = 0
    while (written < line.length) {
      const rest = line.length - written
      const at = this.#bytes + written
      written += (await this.#file.write(line, written, rest, at)).bytesWritten
    }
    await this.#file.truncate(this.#bytes + line.length)
    await this.#file.datasync()
  }

  #isFull(timeMs: number): boolean {
    const file = this.#files.at(-1)
    const { keepMs, mostKeys } = this.#bounds
    return (
      file === undefined ||
      file.keys >= mostKeys / generations ||
      (file.fromMs > 0 && timeMs - file.fromMs >= keepMs / generations)
    )
  }

  /** Begins a file with the sums so far, seen by readers all at once; files whose keys have expired go. */
  async #newFile(): Promise<void> {
    const { directory, now } = this.#options
    const number = Number.parseInt(this.#files.at(-1)?.name ?? '0', 10) + 1
    const name = `${String(number).padStart(8, '0')}.log`
    const path = join(directory, name)
    const line = Buffer.from(sumsLine(this.#sums))
    const file = await open(`${path}.draft`, 'w')
    try {
      await file.writeFile(line)
      await file.datasync()
      await rename(`${path}.draft`, path)
      await syncDirectory(directory)
    } catch (error) {
      await file.close()
      throw error
    }
    await this.#file?.close()
    this.#file = file
    this.#bytes = line.length
    this.#files = [...this.#files, { name, fromMs: now(), toMs: now(), keys: 0 }]
    await this.#removeExpired(now())
  }

  async #removeExpired(nowMs: number): Promise<void> {
    const { keepMs, mostKeys } = this.#bounds
    let newerKeys = 0
    const kept: FileNote[] = []
    for (const [index, file] of this.#files.toReversed().entries()) {
      const isExpired = file.toMs < nowMs - keepMs || newerKeys >= mostKeys
      newerKeys += file.keys
      if (index === 0 || !isExpired) kept.unshift(file)
      else await rm(join(this.#options.directory, file.name), { force: true })
    }
    this.#files = kept
  }
}
