// The durable append log in front of the store: what it accepts survives the process and the power.
import { access, constants, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SpoolConfig } from '../config/schema.ts'
import { messageOf, UserError } from '../records/failure.ts'
import type { Call } from '../records/call.ts'
import type { Accept, RecordKind, RecordKinds } from '../records/record-kind.ts'
import type { SampleRows } from '../records/sample-rows.ts'
import type { Sample } from '../records/sample.ts'
import type { Log } from '../telemetry/log.ts'
import { createDiskBound, type DiskBound } from './disk-bound.ts'
import { readHandOverLog, type HandOverRecord } from './hand-over-log.ts'
import { startSums } from './hand-overs.ts'
import { takePidLock } from './pid-lock.ts'
import type { RecordKeys } from './record-keys.ts'
import { recover, type Recovery } from './recovery.ts'
import { createFile, type CreateFile } from './segment-file.ts'
import { createKnownTexts } from './known-texts.ts'
import { isWriterName } from './segment-name.ts'
import { halvesOf, writeSampleColumns } from './sample-rows.ts'
import { createSeriesIds } from './series-ids.ts'
import { tables } from './table-registry.ts'
import { TableLog } from './table-log.ts'
import { structureOf, writeRows, type Table, type TableName } from './table.ts'
import { hashedCall } from './text-hash.ts'

export interface SpoolStats {
  readonly acceptedRows: number
  readonly commits: number
  /** Batches refused since start: full bound, full disk. */
  readonly refusedBatches: number
  /** In memory, not yet durable, not yet acknowledged. */
  readonly waitingBytes: number
  readonly diskBytes: number
  readonly maxBytes: number
  readonly knownSeries: number
  /** Damaged segments set aside when this spool was opened. */
  readonly quarantinedSegments: number
}

export interface Spool {
  readonly accept: Accept
  /** The same for samples as columns. */
  readonly sampleRows: SampleRows
  /** Commits what waits and hands every segment over to the store. */
  rotate(): Promise<void>
  /** As `rotate`, then lets the next process in. */
  close(): Promise<void>
  stats(): SpoolStats
}

export interface SpoolOptions {
  readonly directory: string
  /** Name of the process, e.g. `gateway`: the same after a restart, so that it recovers its own segments. */
  readonly writer: string
  /** Folder of the hand-over log, from which the writer's counts go on; without one they go on from the spool alone. */
  readonly handOvers?: string
  readonly config: SpoolConfig
  readonly log: Log
  readonly now: () => number
  /** The disk; a test passes one that is full. */
  readonly create?: CreateFile
}

/** Opens a spool directory for one writer, after recovering what its last run left. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { directory, writer, config, log, now } = options
  if (!isWriterName(writer))
    throw new Error(`writer is "${writer}", expected letters, digits, - and _`)
  await prepareDirectory(directory)
  const lock = await takePidLock(join(directory, `${writer}.lock`), `The spool ${directory}`)
  try {
    const handedOver = () => handOversOf(options.handOvers)
    const recovery = await recover({ directory, writer, handedOver }, log)
    const bound = createDiskBound({ directory, maxSize: config.maxSize, now })
    await bound.rescan()
    return new OpenSpool({ ...options, bound, recovery, release: () => lock.release() })
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function handOversOf(
  directory: string | undefined,
): Promise<Pick<HandOverRecord, 'sums' | 'handOvers'>> {
  if (directory === undefined) return { sums: startSums(), handOvers: [] }
  return await readHandOverLog(directory)
}

async function prepareDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UserError(
      `The spool directory ${directory} cannot be written (${messageOf(error)}). ` +
        'Make it writable for this user, or set dataDirectory to another place.',
      { code: 'directory_not_writable', cause: error },
    )
  }
}

type Acceptors = {
  readonly [Kind in RecordKind]: (
    records: readonly RecordKinds[Kind][],
    keys?: RecordKeys,
  ) => Promise<void>
}

interface OpenSpoolOptions extends SpoolOptions {
  readonly bound: DiskBound
  readonly recovery: Recovery
  readonly release: () => Promise<void>
}

class OpenSpool implements Spool {
  readonly #options: OpenSpoolOptions
  readonly #logs = new Map<TableName, TableLog>()
  readonly #series = createSeriesIds()
  readonly #texts = createKnownTexts()
  #refusedBatches = 0

  constructor(options: OpenSpoolOptions) {
    this.#options = options
  }

  readonly accept: Accept = async (kind, records, keys) => {
    if (records.length === 0) return
    await this.#counted(this.#acceptors[kind](records, keys))
  }

  readonly sampleRows: SampleRows = {
    halvesOf: (series) => {
      const id = this.#series.idOf(series)
      return this.#series.isWritten(id) ? halvesOf(id) : null
    },
    accept: async (columns, keys) => {
      if (columns.length === 0) return
      const log = this.#log(tables.samples)
      await this.#counted(log.append((buffer) => writeSampleColumns(buffer, columns), keys))
    },
  }

  async #counted(accepting: Promise<void>): Promise<void> {
    try {
      await accepting
    } catch (error) {
      this.#refusedBatches += 1
      throw error
    }
  }

  async rotate(): Promise<void> {
    for (const log of this.#logs.values()) await log.rotate()
  }

  async close(): Promise<void> {
    // Samples first: sealing them seals the series that they refer to.
    for (const log of this.#logs.values()) await log.close()
    await this.#options.release()
  }

  stats(): SpoolStats {
    const logs = [...this.#logs].filter(([table]) => !isBeside(table)).map(([, log]) => log)
    const sum = (value: (log: TableLog) => number) =>
      logs.reduce((total, log) => total + value(log), 0)
    return {
      acceptedRows: sum((log) => log.acceptedRows),
      commits: sum((log) => log.commits),
      refusedBatches: this.#refusedBatches,
      waitingBytes: sum((log) => log.waitingBytes),
      diskBytes: this.#options.bound.usedBytes(),
      maxBytes: this.#options.config.maxSize,
      knownSeries: this.#series.size(),
      quarantinedSegments: this.#options.recovery.quarantined,
    }
  }

  readonly #acceptors: Acceptors = {
    calls: (records, keys) => this.#appendCalls(records, keys),
    samples: (records, keys) => this.#appendSamples(records, keys),
    scores: (records, keys) => this.#append(tables.scores, records, keys),
    labels: (records, keys) => this.#append(tables.labels, records, keys),
    events: (records, keys) => this.#append(tables.events, records, keys),
    findings: (records, keys) => this.#append(tables.findings, records, keys),
    ledger: (records, keys) => this.#append(tables.ledger, records, keys),
    alerts: (records, keys) => this.#append(tables.alerts, records, keys),
  }

  /** Series that this process has not written yet become durable before their samples. */
  async #appendSamples(samples: readonly Sample[], keys?: RecordKeys): Promise<void> {
    const unwritten = this.#series.unwritten(samples)
    if (unwritten.length > 0) {
      await this.#append(tables.series, unwritten)
      this.#series.markWritten(unwritten)
    }
    const rows = samples.map((sample) => ({ seriesId: this.#series.idOf(sample.series), sample }))
    await this.#append(tables.samples, rows, keys)
  }

  /** Texts that this process has not written lately become durable before the calls that refer to them. */
  async #appendCalls(records: readonly Call[], keys?: RecordKeys): Promise<void> {
    const calls = records.map(hashedCall)
    const unwritten = this.#texts.unwritten(calls)
    if (unwritten.length > 0) {
      await this.#append(tables.texts, unwritten)
      this.#texts.markWritten(unwritten)
    }
    await this.#append(tables.calls, calls, keys)
  }

  async #append<Row>(table: Table<Row>, rows: readonly Row[], keys?: RecordKeys): Promise<void> {
    await this.#log(table).append((buffer) => writeRows(buffer, table, rows), keys)
  }

  #log<Row>(table: Table<Row>): TableLog {
    const existing = this.#logs.get(table.name)
    if (existing !== undefined) return existing
    const { directory, writer, config, bound, now, log } = this.#options
    const opened = new TableLog({
      directory,
      writer,
      bound,
      now,
      log,
      table: table.name,
      acceptedBefore: this.#options.recovery.acceptedBefore.get(table.name) ?? 0,
      structure: structureOf(table),
      commitEveryMs: config.commitEvery,
      rotateEveryMs: config.rotateEvery,
      rotateBytes: config.rotateSize,
      create: this.#options.create ?? createFile,
      beforeSeal: async () => {
        const beside = besides[table.name]
        if (beside !== undefined) await this.#logs.get(beside)?.rotate()
      },
    })
    this.#logs.set(table.name, opened)
    return opened
  }
}

/** What the rows of a table refer to: handed over first. */
const besides: Readonly<Partial<Record<TableName, TableName>>> = {
  samples: 'series',
  calls: 'texts',
}

/** Rows that no one accepted: the spool made them for the records that refer to them. */
function isBeside(table: TableName): boolean {
  return Object.values(besides).includes(table)
}
