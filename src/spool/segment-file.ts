// A segment while it is written: rows in one file, commits in the other, durable in this order.
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { commitLine, headerLine, type Commit } from './commit-log.ts'
import { syncDirectory } from './directory-sync.ts'
import { suffix } from './segment-name.ts'

/** The part of a file handle that the spool uses; tests pass one whose disk is full. */
export interface SegmentHandle {
  write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>
  datasync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** Opens a file that must not exist yet. */
export type CreateFile = (path: string) => Promise<SegmentHandle>

/** The real disk. */
export const createFile: CreateFile = (path) => open(path, 'wx')

/** Files of an unsealed segment. `append` is never called twice at a time. */
export class SegmentFile {
  readonly openedAtMs: number
  bytes = 0
  rows = 0
  readonly #path: string
  readonly #data: SegmentHandle
  readonly #log: SegmentHandle
  #logBytes = 0
  #closed = false

  private constructor(path: string, data: SegmentHandle, log: SegmentHandle, openedAtMs: number) {
    this.#path = path
    this.#data = data
    this.#log = log
    this.openedAtMs = openedAtMs
  }

  /** Makes both files, durable in their directory before the first row. */
  static async create(options: {
    readonly directory: string
    readonly name: string
    readonly structure: string
    readonly create: CreateFile
    readonly nowMs: number
  }): Promise<SegmentFile> {
    const path = join(options.directory, options.name)
    const data = await options.create(path + suffix.open)
    const log = await options.create(path + suffix.commits).catch(async (error: unknown) => {
      await discard(data, path)
      throw error
    })
    const segment = new SegmentFile(path, data, log, options.nowMs)
    try {
      await segment.#appendLine(headerLine(options.structure))
      await syncDirectory(options.directory)
    } catch (error) {
      await discard(log, path)
      await discard(data, path)
      throw error
    }
    return segment
  }

  /**
   * Makes rows durable: data first, then the commit that vouches for it, so a commit on disk never
   * speaks of bytes that are not. When it throws, `retire` the segment: nothing of the group is in it.
   */
  async append(bytes: Buffer, group: Omit<Commit, 'start' | 'length' | 'crc'>): Promise<void> {
    const commit: Commit = { ...group, start: this.bytes, length: bytes.length, crc: crc32(bytes) }
    await writeAll(this.#data, bytes, this.bytes)
    await this.#data.datasync()
    await this.#appendLine(commitLine(commit))
    this.bytes += bytes.length
    this.rows += group.rows
  }

  /** Hands the segment over: one rename, so a reader sees all of it or nothing. */
  async seal(): Promise<void> {
    await this.#close()
    await rename(this.#path + suffix.open, this.#path + suffix.sealed)
  }

  /** After a failed `append` or `seal`: cuts back what it left, then seals what was committed before. May be tried again. */
  async retire(): Promise<void> {
    if (!this.#closed) {
      await this.#log.truncate(this.#logBytes)
      await this.#data.truncate(this.bytes)
      await this.#log.datasync()
      await this.#data.datasync()
    }
    if (this.rows > 0) return this.seal()
    await this.#close()
    await removeFiles(this.#path)
  }

  async #appendLine(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    await writeAll(this.#log, bytes, this.#logBytes)
    await this.#log.datasync()
    this.#logBytes += bytes.length
  }

  async #close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#data.close()
    await this.#log.close()
  }
}

async function writeAll(file: SegmentHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const rest = bytes.length - written
    const { bytesWritten } = await file.write(bytes, written, rest, position + written)
    written += bytesWritten
  }
}

async function discard(file: SegmentHandle, path: string): Promise<void> {
  await file.close()
  await removeFiles(path)
}

async function removeFiles(path: string): Promise<void> {
  await rm(path + suffix.open, { force: true })
  await rm(path + suffix.commits, { force: true })
}
