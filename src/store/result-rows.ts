// From the engine's JSON to values: 64-bit integers travel as text and become numbers where a double holds them.
import type { ResultTable } from './engine.ts'

/** One object a row. Names that occur twice keep the last column. */
export function toObjects(table: ResultTable): Record<string, unknown>[] {
  const names = table.columns.map((column) => column.name)
  return table.rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))
}

/** The same table with 64-bit integers as numbers; those beyond 2^53 stay text, because a number would be another one. */
export function decodeIntegers(table: ResultTable): ResultTable {
  const decoders = table.columns.map((column) => decoderOf(column.type))
  if (decoders.every((decoder) => decoder === undefined)) return table
  const rows = table.rows.map((row) => row.map((value, index) => decoders[index]?.(value) ?? value))
  return { columns: table.columns, rows }
}

type Decoder = (value: unknown) => unknown

/** `undefined` for types without a 64-bit integer: their values pass untouched. */
function decoderOf(type: string): Decoder | undefined {
  const [name, parts] = typeParts(type)
  if (wideInteger.test(name)) return toNumber
  const decoders = parts.map((part) => decoderOf(elementType(name, part)))
  if (decoders.every((decoder) => decoder === undefined)) return undefined
  const [first, second] = decoders
  if (name === 'Array') return (value) => (Array.isArray(value) ? value.map(lift(first)) : value)
  if (name === 'Tuple') return tupleDecoder(decoders)
  if (name === 'Map') return mapDecoder(lift(second))
  if (name === 'SimpleAggregateFunction') return second
  return first
}

const wideInteger = /^U?Int(?:64|128|256)$/

/** Named tuple elements carry their name in front: `Tuple(a UInt64, b String)`. */
function elementType(parent: string, part: string): string {
  return parent === 'Tuple' ? part.replace(/^(?:`[^`]*`|\w+) (?=\S)/, '') : part
}

function tupleDecoder(decoders: readonly (Decoder | undefined)[]): Decoder {
  return (value) => {
    if (Array.isArray(value)) return value.map((each, index) => lift(decoders[index])(each))
    if (!isRecord(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each], index) => [key, lift(decoders[index])(each)]),
    )
  }
}

function mapDecoder(decode: Decoder): Decoder {
  return (value) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decode(each)]))
      : value
}

function lift(decoder: Decoder | undefined): Decoder {
  return (value) => decoder?.(value) ?? value
}

function toNumber(value: unknown): unknown {
  const number = Number(value)
  return typeof value === 'string' && Number.isSafeInteger(number) ? number : value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Map(String, UInt64)` to its name and its parameters. */
function typeParts(type: string): readonly [string, readonly string[]] {
  const open = type.indexOf('(')
  if (open === -1) return [type, []]
  const parts: string[] = []
  let depth = 0
  let start = open + 1
  for (let index = open; index < type.length; index += 1) {
    const character = type[index]
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if ((character === ',' && depth === 1) || (character === ')' && depth === 0)) {
      parts.push(type.slice(start, index).trim())
      start = index + 1
    }
  }
  return [type.slice(0, open), parts]
}
