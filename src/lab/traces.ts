// Trace files of real arrivals: Azure's CSV and Mooncake's JSON lines, read as a stream.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { UserError, messageOf } from '../records/failure.ts'

/** One arrival. */
export interface TraceRow {
  /** Line in the file, from 1. */
  readonly line: number
  /** Milliseconds since the first row, with fractions. */
  readonly atMs: number
  readonly promptTokens: number
  readonly completionTokens: number
}

const azureHeader = 'TIMESTAMP,ContextTokens,GeneratedTokens'

/** Rows of a trace file in order; throws a `UserError` with file and line at the first row that is not one. */
export async function* readTrace(path: string): AsyncGenerator<TraceRow> {
  let firstMs: number | null = null
  let parse: RowParser | null = null
  for await (const { line, text } of readLines(path)) {
    if (parse === null) {
      parse = parserFor(text, `${path}:${line}`)
      if (parse === parseAzureRow) continue
    }
    if (text === '') continue
    const row = parse(text, `${path}:${line}`)
    firstMs ??= row.timeMs
    yield {
      line,
      atMs: row.timeMs - firstMs,
      promptTokens: row.promptTokens,
      completionTokens: row.completionTokens,
    }
  }
  if (firstMs === null) throw new UserError(`${path}: the trace has no rows.`)
}

interface ParsedRow {
  readonly timeMs: number
  readonly promptTokens: number
  readonly completionTokens: number
}

type RowParser = (text: string, place: string) => ParsedRow

async function* readLines(path: string): AsyncGenerator<{ line: number; text: string }> {
  const input = createReadStream(path, 'utf8')
  let line = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1
      yield { line, text }
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new UserError(`Cannot read the trace ${path}: ${messageOf(error)}.`, { cause: error })
  } finally {
    input.destroy()
  }
}

function parserFor(firstLine: string, place: string): RowParser {
  if (firstLine.replace(/^\u{FEFF}/u, '') === azureHeader) return parseAzureRow
  if (firstLine.startsWith('{')) return parseMooncakeRow
  throw new UserError(
    `${place}: found "${firstLine.slice(0, 80)}", expected the header "${azureHeader}" (Azure) or a JSON object with timestamp, input_length and output_length (Mooncake).`,
  )
}

const azureRow = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?,(\d+),(\d+)$/

function parseAzureRow(text: string, place: string): ParsedRow {
  const match = azureRow.exec(text)
  const wholeMs = Date.parse(`${match?.[1]}T${match?.[2]}Z`)
  if (match === null || Number.isNaN(wholeMs)) {
    throw new UserError(
      `${place}: found "${text.slice(0, 80)}", expected a row such as "2023-11-16 18:15:46.6805900,374,44".`,
    )
  }
  return {
    // Seven decimals: JavaScript's own dates would cut them at three.
    timeMs: wholeMs + 1_000 * Number(match[3] ?? 0),
    promptTokens: Number(match[4]),
    completionTokens: Number(match[5]),
  }
}

const mooncakeRow = z.looseObject({
  timestamp: z.number().min(0),
  input_length: z.int().min(0),
  output_length: z.int().min(0),
})

function parseMooncakeRow(text: string, place: string): ParsedRow {
  const parsed = mooncakeRow.safeParse(jsonOf(text))
  if (!parsed.success) {
    throw new UserError(
      `${place}: found "${text.slice(0, 80)}", expected {"timestamp": ms, "input_length": tokens, "output_length": tokens}.`,
    )
  }
  return {
    timeMs: parsed.data.timestamp,
    promptTokens: parsed.data.input_length,
    completionTokens: parsed.data.output_length,
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
