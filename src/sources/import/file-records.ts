// A file as records with their place in it, so that an import can go on where it stopped.
import { createReadStream } from 'node:fs'
import { UserError } from '../../records/failure.ts'

export interface FileRecord {
  /** From 1, where the record begins. */
  readonly line: number
  readonly text: string
  /** Offset in bytes behind the record. */
  readonly end: number
}

/** Where to begin. */
export interface FilePlace {
  readonly offset: number
  /** Line at the offset, from 1. */
  readonly line: number
}

export type FileFormat = 'jsonl' | 'csv'

/** Longest record in bytes. */
const mostRecordBytes = 8 * 1_024 * 1_024

/**
 * The records of a file, empty lines left out: a line each, or in CSV a row, whose quoted cells may hold line ends.
 * Only the record that is read is in memory.
 */
export async function* fileRecords(
  path: string,
  format: FileFormat,
  place: FilePlace,
): AsyncGenerator<FileRecord> {
  const isQuoting = format === 'csv'
  let [line, start, begin] = [place.line, place.line, place.offset]
  let parts: Buffer[] = []
  let isQuoted = false
  for await (const chunk of createReadStream(path, { start: place.offset })) {
    const bytes = Buffer.from(chunk)
    let from = 0
    for (let at = 0; at < bytes.length; at += 1) {
      if (isQuoting && bytes[at] === quote) isQuoted = !isQuoted
      if (bytes[at] !== newline) continue
      line += 1
      if (isQuoted) continue
      const record = Buffer.concat([...parts, bytes.subarray(from, at + 1)])
      begin += record.length
      yield { line: start, text: withoutEnd(record), end: begin }
      ;[parts, from, start] = [[], at + 1, line]
    }
    parts.push(bytes.subarray(from))
    checkLength(parts, start)
  }
  const rest = Buffer.concat(parts)
  if (rest.length > 0) yield { line: start, text: withoutEnd(rest), end: begin + rest.length }
}

const newline = 0x0a
const quote = 0x22

function checkLength(parts: readonly Buffer[], line: number): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length <= mostRecordBytes) return
  throw new UserError(
    `the record at line ${line} is longer than ${mostRecordBytes} bytes: is a quote left open, or is this another format?`,
  )
}

function withoutEnd(record: Buffer): string {
  return record.toString('utf8').replace(/\r?\n$/, '')
}
