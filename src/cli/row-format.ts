export const rowFormats = ['table', 'json', 'csv'] as const

export type RowFormat = (typeof rowFormats)[number]

type Rows = readonly (readonly unknown[])[]

/** Rows as text: an aligned table, one JSON object a line, or CSV (RFC 4180). Ends with a newline. */
export function formatRows(columns: readonly string[], rows: Rows, format: RowFormat): string {
  if (format === 'json') {
    return rows.map((row) => `${JSON.stringify(asObject(columns, row))}\n`).join('')
  }
  if (format === 'csv') {
    return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('')
  }
  return table(columns, rows)
}

function asObject(columns: readonly string[], row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(columns.map((column, index) => [column, row[index]]))
}

function csvCell(value: unknown): string {
  const text = plain(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function table(columns: readonly string[], rows: Rows): string {
  const cells = rows.map((row) => row.map((value) => (value === null ? 'NULL' : plain(value))))
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  )
  const isNumber = columns.map(
    (_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number'),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return isNumber[index] === true ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width))
  return [columns, rule, ...cells].map((row) => `${line(row)}\n`).join('')
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
