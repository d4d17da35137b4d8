// Many rows in one body: a JSON array or NDJSON, each row judged by itself.
import type { z } from 'zod'
import { UserError } from '../../records/failure.ts'

/** Most rows in one body. */
export const mostRows = 10_000

/** Why a row was not taken, for whoever mends it. */
export interface RejectedRow {
  /** Position in the body, from 0. */
  readonly index: number
  /** Dotted path, e.g. `attributes.user`; empty when the row as a whole is wrong. */
  readonly field: string
  readonly expected: string
}

/** The rows of a body, unread. @param contentType `application/json`, or `application/x-ndjson` for a row a line */
export function rowsOfBody(contentType: string, text: string): readonly unknown[] {
  const rows = isLines(contentType) ? rowsOfLines(text) : rowsOfJson(contentType, text)
  if (rows.length > mostRows) {
    throw new UserError(
      `the body holds ${rows.length} rows, at most ${mostRows}: send less at a time`,
      {
        status: 413,
        code: 'body_too_large',
      },
    )
  }
  return rows
}

/** Reads each row by a schema. */
export function readRows<Schema extends z.ZodType>(
  rows: readonly unknown[],
  schema: Schema,
): {
  readonly good: readonly { readonly index: number; readonly row: z.output<Schema> }[]
  readonly rejected: RejectedRow[]
} {
  const good: { readonly index: number; readonly row: z.output<Schema> }[] = []
  const rejected: RejectedRow[] = []
  for (const [index, row] of rows.entries()) {
    const unreadable = row instanceof UnreadableLine ? row.reason : null
    const result = unreadable === null ? schema.safeParse(row) : null
    if (result?.success === true) good.push({ index, row: result.data })
    else rejected.push({ index, ...reasonOf(unreadable, result?.error) })
  }
  return { good, rejected }
}

function reasonOf(
  unreadable: string | null,
  error: z.ZodError | undefined,
): Omit<RejectedRow, 'index'> {
  const issue = error?.issues[0]
  if (issue === undefined) return { field: '', expected: unreadable ?? 'a row' }
  const [unknownKey] = issue.code === 'unrecognized_keys' ? issue.keys : []
  const field = [...issue.path, ...(unknownKey === undefined ? [] : [unknownKey])].join('.')
  const expected = unknownKey === undefined ? issue.message : 'no such field'
  return { field: field.slice(0, 200), expected: expected.slice(0, 300) }
}

/** A line that is no JSON costs itself, not the body. */
class UnreadableLine {
  readonly reason = 'one JSON object a line'
}

const isLines = (contentType: string) =>
  /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines)\s*(?:;|$)/i.test(contentType)

function rowsOfLines(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parsed(line) ?? new UnreadableLine())
}

function rowsOfJson(contentType: string, text: string): readonly unknown[] {
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) {
    throw new UserError(
      `content-type is ${JSON.stringify(contentType.slice(0, 100))}: send an array as application/json, or a row a line as application/x-ndjson`,
      { status: 415, code: 'not_json' },
    )
  }
  const body = parsed(text)
  if (body === undefined || body === null || typeof body !== 'object') {
    throw new UserError('the body is not JSON: expected an array of rows, or one row')
  }
  return Array.isArray(body) ? body : [body]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
