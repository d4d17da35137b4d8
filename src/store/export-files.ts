// Exports of the embedded engine: it writes a file, which is streamed and goes when it was read.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, rmSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { engineFormats, exportSettings, type ExportFormat } from './export-table.ts'
import { assignments, literal } from './parameters.ts'

export interface ExportFiles {
  /** The statement that writes the rows of a SELECT to a path. */
  statement(select: string, path: string, format: ExportFormat): string
  newPath(): string
  /** The file's bytes; it is removed when they have been read or nobody wants them any more. */
  stream(path: string): Promise<Readable>
}

/** Exports in a directory of their own; what a crash left there goes. */
export async function openExportFiles(directory: string): Promise<ExportFiles> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  return {
    newPath: () => join(directory, randomUUID()),
    statement: (select, path, format) =>
      `INSERT INTO FUNCTION file(${literal(path)}, '${engineFormats[format]}') ${select} SETTINGS ${assignments(exportSettings)}`,
    stream: streamOnce,
  }
}

async function streamOnce(path: string): Promise<Readable> {
  const file = createReadStream(path)
  file.once('close', () => rmSync(path, { force: true }))
  try {
    await once(file, 'open')
    return file
  } catch (error) {
    // Without rows the engine makes no file.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return Readable.from([])
    throw error
  }
}
