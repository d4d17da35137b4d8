// Group commit for one table: rows of many callers, one write and one sync for all of them.
import { messageOf, RetryableError } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import type { DiskBound } from './disk-bound.ts'
import { joinKeys, noKeys, type RecordKeys } from './record-keys.ts'
import { createRowBuffer, type RowBuffer } from './row-binary.ts'
import { SegmentFile, type CreateFile } from './segment-file.ts'
import { newSegmentName } from './segment-name.ts'
import { joinSpans, type Span, type TableName } from './table.ts'

export interface TableLogOptions {
  readonly directory: string
  readonly table: TableName
  readonly structure: string
  readonly writer: string
  readonly commitEveryMs: number
  readonly rotateEveryMs: number
  readonly rotateBytes: number
  readonly bound: DiskBound
  /** Rows that this writer made durable in earlier runs. */
  readonly acceptedBefore: number
  readonly create: CreateFile
  readonly now: () => number
  readonly log: Log
  /** Runs before a segment is handed over, e.g. to hand over what it refers to first. */
  readonly beforeSeal: () => Promise<void>
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: RetryableError) => void
}

/** Rows waiting for one commit. */
interface Group {
  readonly buffer: RowBuffer
  span: Span
  readonly keys: RecordKeys[]
  readonly waiters: Waiter[]
}

/** One insert of the engine is one block, so that its deduplication is all or nothing. */
export const maxSegmentRows = 1_000_000
/** A group this large does not wait for its timer. */
const fullGroupBytes = 1024 * 1024
/** Rows in memory past this mean that the disk does not keep up. */
const maxWaitingBytes = 64 * 1024 * 1024

/** The append log of one table. */
export class TableLog {
  readonly #options: TableLogOptions
  #group = newGroup()
  #commitTimer: NodeJS.Timeout | undefined
  #rotateTimer: NodeJS.Timeout | undefined
  #segment: SegmentFile | undefined
  /** Segments whose failed append could not be cut back yet. */
  #damaged: SegmentFile[] = []
  /** File work, one after another. */
  #tail: Promise<void> = Promise.resolve()
  #closed = false
  #lastNameMs = 0
  commits = 0
  acceptedRows = 0
  /** Of all runs. */
  #total: number

  constructor(options: TableLogOptions) {
    this.#options = options
    this.#total = options.acceptedBefore
  }

  get waitingBytes(): number {
    return this.#group.buffer.length
  }

  /**
   * Resolves when the rows that `encode` writes are durable.
   * @param encode writes whole rows and returns what they cover
   * @param keys of these rows, durable with them
   */
  async append(encode: (buffer: RowBuffer) => Span, keys: RecordKeys = noKeys): Promise<void> {
    if (this.#closed) throw new RetryableError('The spool is closed: nothing was accepted.')
    const group = this.#group
    const start = group.buffer.length
    try {
      const span = encode(group.buffer)
      this.#admit(group.buffer.length - start + keys.length * 2, group.buffer.length)
      group.span = joinSpans(group.span, span)
      group.keys.push(keys)
    } catch (error) {
      group.buffer.length = start
      throw error
    }
    return new Promise((resolve, reject) => {
      group.waiters.push({ resolve, reject })
      this.#schedule()
    })
  }

  /** Commits what waits and hands the segment over. */
  rotate(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#commit()
      await this.#seal()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#commitTimer)
    await this.rotate()
  }

  #admit(bytes: number, waitingBytes: number): void {
    if (waitingBytes > maxWaitingBytes) {
      throw new RetryableError(
        `${waitingBytes} bytes wait for the disk of ${this.#options.directory}: it is too slow, and nothing was accepted.`,
      )
    }
    this.#options.bound.admit(bytes)
  }

  #schedule(): void {
    if (this.#commitTimer !== undefined) return
    const waitMs = this.#group.buffer.length >= fullGroupBytes ? 0 : this.#options.commitEveryMs
    this.#commitTimer = setTimeout(() => {
      this.#commitTimer = undefined
      void this.#enqueue(() => this.#commit())
    }, waitMs)
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined)
    return done
  }

  async #commit(): Promise<void> {
    const group = this.#group
    if (group.span.rows === 0) return
    this.#group = newGroup(group.buffer.length)
    const { buffer } = group
    try {
      this.#segment ??= await this.#open()
      const total = this.#total + group.span.rows
      const keys = joinKeys(group.keys)
      await this.#segment.append(buffer.bytes.subarray(0, buffer.length), {
        ...group.span,
        total,
        keys,
      })
      this.#total = total
    } catch (error) {
      const refusal = this.#refusal(error, buffer.length)
      for (const waiter of group.waiters) waiter.reject(refusal)
      await this.#retire()
      return
    }
    this.commits += 1
    this.acceptedRows += group.span.rows
    for (const waiter of group.waiters) waiter.resolve()
    const { bytes, rows } = this.#segment
    if (bytes >= this.#options.rotateBytes || rows >= maxSegmentRows) await this.#seal()
  }

  async #open(): Promise<SegmentFile> {
    const { directory, table, writer, structure, create } = this.#options
    const nowMs = this.#options.now()
    // Names sort in the order of making, whatever the clock does: recovery goes by it.
    this.#lastNameMs = Math.max(nowMs, this.#lastNameMs + 1)
    const { name } = newSegmentName(table, writer, this.#lastNameMs)
    const segment = await SegmentFile.create({ directory, name, structure, create, nowMs })
    // An idle spool must not keep the process alive; what is unsealed is recovered by the next one.
    this.#rotateTimer = setTimeout(() => {
      void this.rotate().catch((error: unknown) => this.#report(error))
    }, this.#options.rotateEveryMs).unref()
    return segment
  }

  async #seal(): Promise<void> {
    clearTimeout(this.#rotateTimer)
    await this.#retryDamaged()
    const segment = this.#segment
    if (segment === undefined) return
    await this.#options.beforeSeal()
    this.#segment = undefined
    await segment.seal().catch((error: unknown) => {
      this.#damaged.push(segment)
      this.#report(error)
    })
    await this.#rescan()
  }

  /** The disk refused: the segment takes no more rows, and what it already holds is handed over. */
  async #retire(): Promise<void> {
    clearTimeout(this.#rotateTimer)
    if (this.#segment !== undefined) this.#damaged.push(this.#segment)
    this.#segment = undefined
    await this.#retryDamaged()
    // What was admitted for the refused rows is free again.
    await this.#rescan()
  }

  #rescan(): Promise<void> {
    return this.#options.bound.rescan().catch((error: unknown) => this.#report(error))
  }

  async #retryDamaged(): Promise<void> {
    const damaged = this.#damaged
    this.#damaged = []
    for (const segment of damaged) {
      await segment.retire().catch((error: unknown) => {
        this.#damaged.push(segment)
        this.#report(error)
      })
    }
  }

  #refusal(error: unknown, bytes: number): RetryableError {
    const { directory, table } = this.#options
    return new RetryableError(
      `The disk refused ${bytes} bytes of ${table} in ${directory} (${messageOf(error)}): nothing of them was accepted. ` +
        'Free space there or make it writable, then send again.',
      { cause: error },
    )
  }

  #report(error: unknown): void {
    const { log, table, directory } = this.#options
    log.error({ table, directory, error: messageOf(error) }, 'A segment could not be handed over.')
  }
}

function newGroup(expectedBytes = 0): Group {
  return {
    buffer: createRowBuffer(Math.max(64 * 1024, expectedBytes)),
    span: { rows: 0, times: null },
    keys: [],
    waiters: [],
  }
}
