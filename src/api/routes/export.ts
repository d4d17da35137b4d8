import { Readable } from 'node:stream'
import { z } from 'zod'
import { exportFormats, exportTables, type ExportFormat } from '../../store/export-table.ts'
import type { ApiContext } from '../context.ts'
import { principalOf, readJson, type Route } from '../http.ts'
import { parseTime } from '../time-parameters.ts'

const time = z.union([z.string(), z.int()]).optional()

const exportBody = z.strictObject({
  table: z.enum(exportTables),
  format: z.enum(exportFormats).default('jsonl'),
  from: time,
  to: time,
  model: z.string().max(200).default(''),
  text: z.boolean().default(false),
})

const contentTypes: Readonly<Record<ExportFormat, string>> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** A table as a file, for administrators: it holds every call, and with `text` also what was said. */
export function exportRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/export',
      access: 'admin',
      answer: async (c) => {
        const { table, format, from, to, model, text } = await readJson(c, exportBody)
        const nowMs = context.now()
        const at = (name: string, value: string | number) => parseTime(name, String(value), nowMs)
        const stream = await context.store.exportTable({
          table,
          format,
          project: context.config().project,
          fromMs: from === undefined ? Date.UTC(2000, 0, 1) : at('from', from),
          toMs: to === undefined ? nowMs + 1 : at('to', to),
          model,
          withText: text,
        })
        context.log.info({ by: principalOf(c).name, table, text }, 'A table is exported.')
        c.header('Content-Type', contentTypes[format])
        c.header('Content-Disposition', `attachment; filename="${table}.${format}"`)
        // The platform declares one type of stream twice.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
        return c.body(Readable.toWeb(stream) as ReadableStream<Uint8Array>)
      },
    },
  ]
}
