// Whole tables as files. Which tables, columns and formats there are stands here; nothing of a request becomes SQL.
import type { Readable } from 'node:stream'
import { UserError } from '../records/failure.ts'
import type { Engine } from './engine.ts'

export const exportFormats = ['jsonl', 'csv', 'parquet'] as const

export type ExportFormat = (typeof exportFormats)[number]

export const exportTables = ['calls', 'scores', 'labels', 'events', 'samples', 'ledger'] as const

export type ExportTable = (typeof exportTables)[number]

export interface ExportRequest {
  readonly table: ExportTable
  readonly format: ExportFormat
  readonly project: string
  /** Epoch milliseconds. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** Empty means all. */
  readonly model: string
  /** Whether what people and models wrote goes out too; it is redacted, but it is text. */
  readonly withText: boolean
}

/** The rows of a table as a file of the format, oldest first, as they are read. */
export async function exportTable(engine: Engine, request: ExportRequest): Promise<Readable> {
  const { table, format, project, fromMs, toMs, model, withText } = request
  const shape = shapes[table]
  if (model !== '' && !shape.columns.includes(' model ')) {
    throw new UserError(`rows of ${table} name no model: leave the model out`)
  }
  const names = shape.columns.trim().split(' ')
  const kept = withText ? names : names.filter((name) => !textColumns.has(name))
  const from = withText && table === 'calls' ? 'calls_with_text' : shape.from
  const sql = `SELECT ${kept.map((name) => columnOf(name, format)).join(', ')} FROM ${from}
    WHERE ${shape.time} >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND ${shape.time} < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
      ${shape.from.includes('{project') ? '' : 'AND project = {project:String}'}
      ${model === '' ? '' : 'AND model = {model:String}'}
    ORDER BY ${shape.time}`
  const parameters = { project, from: fromMs, to: toMs, ...(model === '' ? {} : { model }) }
  return await engine.exportRows(sql, parameters, format)
}

interface Shape {
  readonly from: string
  /** Column that a window is taken by. */
  readonly time: string
  /** Names of the records, each between blanks; columns of the table are the same in snake case. */
  readonly columns: string
}

const shapes: Readonly<Record<ExportTable, Shape>> = {
  calls: {
    from: 'calls',
    time: 'started_at',
    columns:
      ` callId traceId spanId startedAt model component copy route tenant operation streaming status outcome
      errorType errorMessage finishReason queueSeconds ttftSeconds tpotSeconds totalSeconds promptTokens cachedTokens
      completionTokens usageSource modelVersion engineVersion promptTemplate promptVersion samplingProbability sampled
      prompt answer attributes machineGpuIds machineRequestsRunning machineRequestsWaiting machineKvCacheUsage
      machineGpuDuty machineGpuTemperatureCelsius `.replace(/\s+/g, ' '),
  },
  scores: {
    from: 'scores',
    time: 'call_started_at',
    columns:
      ` callId model component callStartedAt scoredAt evaluator evaluatorVersion dimension value label reason
      outcome latencySeconds lagSeconds costUsd samplingProbability `.replace(/\s+/g, ' '),
  },
  // Rows that a later one replaces may still lie about: FINAL leaves them out.
  labels: {
    from: 'labels FINAL',
    time: 'labelled_at',
    columns: ' callId model reviewer question labelledAt value comment draw drawProbability ',
  },
  events: {
    from: 'events FINAL',
    time: 'time',
    columns: ' eventId time kind model title detail attributes ',
  },
  samples: {
    from: `samples INNER JOIN (
      SELECT DISTINCT series_id, namespace, metric, dimensions, unit, kind FROM series
      WHERE project = {project:String}) AS known USING (series_id)`,
    time: 'time',
    columns: ' namespace metric dimensions unit kind time value state ',
  },
  ledger: {
    from: 'ledger FINAL',
    time: 'minute',
    columns: ' minute node owner model component gpus costUsd idleCostUsd priceSource priceDate ',
  },
}

const textColumns: ReadonlySet<string> = new Set([
  'prompt',
  'answer',
  'errorMessage',
  'attributes',
  'reason',
  'comment',
])

/** Columns that hold more than one value: a cell of CSV takes them as JSON. */
const nestedColumns: ReadonlySet<string> = new Set(['attributes', 'machineGpuIds', 'dimensions'])

function columnOf(name: string, format: ExportFormat): string {
  const column = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const isWrapped = format === 'csv' && nestedColumns.has(name)
  return `${isWrapped ? `toJSONString(${column})` : column} AS ${name}`
}

/** How the engine calls a format. */
export const engineFormats: Readonly<Record<ExportFormat, string>> = {
  jsonl: 'JSONEachRow',
  csv: 'CSVWithNames',
  parquet: 'Parquet',
}

/** Settings of an export: ISO times, an empty cell for what is not known. */
export const exportSettings = {
  date_time_output_format: 'iso',
  format_csv_null_representation: '',
  output_format_json_quote_denormals: 0,
  output_format_json_quote_64bit_integers: 0,
  output_format_parquet_string_as_string: 1,
  engine_file_truncate_on_insert: 1,
} as const
