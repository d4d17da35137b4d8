import { z } from 'zod'
import type { ApiContext } from '../context.ts'
import { principalOf, readJson, type Route } from '../http.ts'

const queryBody = z.strictObject({ sql: z.string().min(1).max(100_000) })

/** Read-only SQL for administrators: it sees every project's text. */
export function queryRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/query',
      access: 'admin',
      mostBytes: 256 * 1_024,
      answer: async (c) => {
        const { sql } = await readJson(c, queryBody)
        const { columns, rows, truncated } = await context.store.queryReadOnly(sql)
        context.log.info({ by: principalOf(c).name, rows: rows.length }, 'A query was answered.')
        return c.json({ columns: columns.map((column) => column.name), rows, truncated })
      },
    },
  ]
}
