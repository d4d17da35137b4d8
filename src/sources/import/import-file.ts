// A file into a running Equipoise: in batches, resumable, with a report of what was not taken.
import { createHash } from 'node:crypto'
import { appendFile, rm, stat } from 'node:fs/promises'
import { messageOf, UserError } from '../../records/failure.ts'
import { csvCells, csvRow } from './csv-row.ts'
import { fileRecords, type FileFormat, type FilePlace, type FileRecord } from './file-records.ts'
import { readProgress, writeProgress, type ImportState } from './import-progress.ts'
import type { ImportKind, IngestAnswer } from './ingest.ts'

export interface ImportOptions {
  readonly file: string
  readonly kind: ImportKind
  readonly format: FileFormat
  /** Delivers a batch and tries again while that may help; rejects when it does not. */
  readonly send: (rows: readonly unknown[]) => Promise<IngestAnswer>
  readonly onProgress: (progress: ImportProgress) => void
}

export interface ImportProgress {
  /** Bytes of the file that are done. */
  readonly offset: number
  readonly bytes: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}

const mostBatchRows = 1_000
const mostBatchBytes = 4 * 1_024 * 1_024

/** Imports what `FILE.progress` does not say is done; rejected rows go to `FILE.rejected.jsonl`. */
export async function importFile(options: ImportOptions): Promise<ImportProgress> {
  const { file, format, onProgress } = options
  const progressFile = `${file}.progress`
  const bytes = await sizeOf(file)
  const header = format === 'csv' ? await headerOf(file) : null
  const done = await readProgress(progressFile, bytes)
  if (done === null) await rm(rejectedFileOf(file), { force: true })
  let state: ImportState = done ?? {
    ...startOf(header),
    bytes,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
  }
  let batch: FileRecord[] = []
  let batchBytes = 0
  const flush = async () => {
    state = await importBatch(options, header?.names ?? [], { state, batch })
    await writeProgress(progressFile, state)
    onProgress(state)
    ;[batch, batchBytes] = [[], 0]
  }
  for await (const record of fileRecords(file, format, state)) {
    batch.push(record)
    batchBytes += record.text.length
    if (batch.length >= mostBatchRows || batchBytes >= mostBatchBytes) await flush()
  }
  if (batch.length > 0) await flush()
  return state
}

/** Where the rejected rows of a file are reported. */
export function rejectedFileOf(file: string): string {
  return `${file}.rejected.jsonl`
}

interface Rejection {
  readonly line: number
  readonly field: string
  readonly expected: string
}

async function importBatch(
  options: ImportOptions,
  header: readonly string[],
  { state, batch }: { readonly state: ImportState; readonly batch: readonly FileRecord[] },
): Promise<ImportState> {
  const { rows, rejections } = readBatch(options, header, batch)
  const answer = rows.length === 0 ? nothing : await options.send(rows.map(({ row }) => row))
  for (const { index, field, expected } of answer.rejected) {
    rejections.push({ line: rows[index]?.line ?? 0, field, expected })
  }
  await report(options.file, rejections)
  const last = batch.at(-1)
  return {
    offset: last?.end ?? state.offset,
    line: last === undefined ? state.line : last.line + last.text.split('\n').length,
    bytes: state.bytes,
    accepted: state.accepted + answer.accepted,
    duplicates: state.duplicates + answer.duplicates,
    rejected: state.rejected + rejections.length,
  }
}

const nothing: IngestAnswer = { accepted: 0, duplicates: 0, rejected: [] }

/** The rows of records; what is no row is rejected before it is sent. */
function readBatch(
  { kind, format }: ImportOptions,
  header: readonly string[],
  batch: readonly FileRecord[],
): {
  readonly rows: readonly { readonly line: number; readonly row: unknown }[]
  readonly rejections: Rejection[]
} {
  const rows: { readonly line: number; readonly row: unknown }[] = []
  const rejections: Rejection[] = []
  for (const record of batch) {
    if (record.text.trim() === '') continue
    try {
      const row: unknown = format === 'csv' ? csvRow(header, record.text) : JSON.parse(record.text)
      rows.push({ line: record.line, row: withId(kind, row, record) })
    } catch (error) {
      rejections.push({ line: record.line, field: '', expected: messageOf(error) })
    }
  }
  return { rows, rejections }
}

async function report(file: string, rejections: readonly Rejection[]): Promise<void> {
  if (rejections.length === 0) return
  const sorted = rejections.toSorted((a, b) => a.line - b.line)
  await appendFile(rejectedFileOf(file), sorted.map((one) => `${JSON.stringify(one)}\n`).join(''))
}

const idFields: Partial<Record<ImportKind, string>> = { calls: 'callId', events: 'eventId' }

/** A row without an id gets one from its place and text, so that a batch that is sent twice is kept once. */
function withId(kind: ImportKind, row: unknown, { line, text }: FileRecord): unknown {
  const field = idFields[kind]
  if (field === undefined || typeof row !== 'object' || row === null || field in row) return row
  const hash = createHash('sha256').update(`${line}\n${text}`).digest('hex')
  return { ...row, [field]: `import-${hash.slice(0, 32)}` }
}

interface Header {
  readonly names: readonly string[]
  readonly end: number
}

function startOf(header: Header | null): FilePlace {
  return header === null ? { offset: 0, line: 1 } : { offset: header.end, line: 2 }
}

async function headerOf(file: string): Promise<Header> {
  for await (const { text, end } of fileRecords(file, 'csv', { offset: 0, line: 1 })) {
    return { names: csvCells(text.replace(/^\uFEFF/, '')), end }
  }
  throw new UserError(`${file} is empty: expected a header line with the names of the fields`)
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    throw new UserError(`${file} cannot be read (${messageOf(error)}): name a file that exists`, {
      cause: error,
    })
  }
}
