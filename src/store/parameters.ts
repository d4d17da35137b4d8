// Typed parameters for the embedded engine. Its own binding holds one parameterised query at a time in the
// whole process; a `SET param_...` in front of the statement belongs to its connection alone.
import type { QueryParameters } from './store.ts'

/** Statements that set the parameters, to be put in front of the query; empty without parameters. */
export function parameterStatement(parameters: QueryParameters): string {
  const values = Object.entries(parameters).map(
    ([name, value]) => `param_${checkedName(name)} = ${literal(parameterText(value))}`,
  )
  return values.length === 0 ? '' : `SET ${values.join(', ')}; `
}

/** Throws when the statement names a parameter that was not given: a connection would keep an older value. */
export function requireParameters(sql: string, parameters: QueryParameters): void {
  for (const [placeholder, name] of sql.matchAll(/\{\s*([A-Za-z_]\w*)\s*:\s*[A-Z]/g)) {
    if (name !== undefined && !Object.hasOwn(parameters, name)) {
      throw new Error(`the query has ${placeholder}...} but no parameter "${name}"`)
    }
  }
}

export type Settings = Readonly<Record<string, string | number>>

/** `a = 1, b = 'x'`, for SET and SETTINGS. */
export function assignments(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${typeof value === 'number' ? value : literal(value)}`)
    .join(', ')
}

/** A SQL string literal. */
export function literal(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`
}

type Value = QueryParameters[string]

function parameterText(value: Value): string {
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  return `[${value.map((each) => (typeof each === 'string' ? literal(each) : String(each))).join(',')}]`
}

/** The engine reads a parameter as a field of TSV. */
function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is escaped
  return text.replace(/[\\\0\b\f\n\r\t]/g, (character) => escapes[character] ?? character)
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function checkedName(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`"${name}" is not a parameter's name`)
  return name
}
