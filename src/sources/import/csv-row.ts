// CSV by RFC 4180: a header line names the fields, an empty cell is a field left out.
import { UserError } from '../../records/failure.ts'

/** The cells of one row. */
export function csvCells(text: string): string[] {
  const cells: string[] = []
  let at = 0
  do {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at)
    cells.push(cell.text)
    at = cell.end + 1
  } while (at <= text.length)
  return cells
}

/** A row by its header's names; numbers, flags and JSON as what they are. */
export function csvRow(header: readonly string[], text: string): Record<string, unknown> {
  const cells = csvCells(text)
  if (cells.length !== header.length) {
    throw new UserError(`${cells.length} cells, expected ${header.length} as in the header`)
  }
  const filled = header.map((name, index) => [name, cells[index] ?? ''] as const)
  return Object.fromEntries(
    filled.filter(([, cell]) => cell !== '').map(([name, cell]) => [name, valueOf(name, cell)]),
  )
}

interface Cell {
  readonly text: string
  /** Index of the comma behind it, or of the end. */
  readonly end: number
}

function plainCell(text: string, start: number): Cell {
  const comma = text.indexOf(',', start)
  const end = comma === -1 ? text.length : comma
  return { text: text.slice(start, end), end }
}

function quotedCell(text: string, start: number): Cell {
  let cell = ''
  for (let from = start + 1; ;) {
    const closing = text.indexOf('"', from)
    if (closing === -1) throw new UserError('a cell opens a quote and does not close it')
    cell += text.slice(from, closing)
    if (text[closing + 1] !== '"') {
      const end = closing + 1
      if (end < text.length && text[end] !== ',') {
        throw new UserError('something stands between a closing quote and the next comma')
      }
      return { text: cell, end }
    }
    cell += '"'
    from = closing + 2
  }
}

const numbers =
  /(?:Seconds|Tokens|Probability|Usd|Running|Waiting|Usage|Duty|Celsius)$|^(?:value|status)$/
const flags = /^(?:streaming|sampled)$/
const times = /(?:At|^time)$/
const nested = /^(?:attributes|machineGpuIds)$/

/** What does not read as its kind stays text, and the row's check says what was expected. */
function valueOf(name: string, cell: string): unknown {
  if (flags.test(name)) return cell === 'true' ? true : cell === 'false' ? false : cell
  if (numbers.test(name) || (times.test(name) && /^\d+$/.test(cell))) {
    const number = Number(cell)
    return Number.isFinite(number) ? number : cell
  }
  return nested.test(name) ? parsed(cell) : cell
}

function parsed(cell: string): unknown {
  try {
    return JSON.parse(cell)
  } catch {
    return cell
  }
}
