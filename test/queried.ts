import { z } from 'zod'

const rowsSchema = z.object({ rows: z.array(z.array(z.unknown())) })

/**
 * The rows of a query that a running program answers.
 * @param token of role admin; empty where none is asked for
 */
export async function queried(api: string, sql: string, token = ''): Promise<unknown[][]> {
  const answer = await fetch(`${api}/api/v1/query`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ sql }),
  })
  const body: unknown = await answer.json()
  if (answer.status !== 200) throw new Error(`${sql}: ${JSON.stringify(body)}`)
  return rowsSchema.parse(body).rows
}
