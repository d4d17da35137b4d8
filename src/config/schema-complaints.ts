// Says what the schema refuses in words that a person can act on.
import type { z } from 'zod'
import type { Complaint } from './config-source.ts'
import { nearest } from './nearest.ts'
import { childOf, keysOf, metaOf, placesOfKey, schemaAt, unwrap, valueIn } from './schema-walk.ts'
import type { Path } from './secrets.ts'

type Issue = z.core.$ZodIssue

/** Everything that `schema` refuses in `value`; `prefix` is the path of `value` in the file. */
export function schemaComplaints(
  schema: z.ZodType,
  value: unknown,
  prefix: Path = [],
): Complaint[] {
  const result = schema.safeParse(value)
  if (result.success) return []
  const subject = { schema, value }
  const unknown = result.error.issues.filter((issue) => issue.code === 'unrecognized_keys')
  const mistyped = unknown.flatMap((issue) => {
    const here = pathOf(issue.path)
    const keys = keysOf(schemaAt(schema, here, value))
    return issue.keys.map((key) => [...here, nearest(key, keys) ?? ''].join('\0'))
  })
  return result.error.issues
    .filter((issue) => !mistyped.includes(issue.path.join('\0')) || !isMissing(subject, issue))
    .flatMap((issue) => complaintsOf(subject, issue))
    .map((complaint) => ({ ...complaint, path: [...prefix, ...complaint.path] }))
}

interface Subject {
  readonly schema: z.ZodType
  readonly value: unknown
}

function complaintsOf(subject: Subject, issue: Issue): Complaint[] {
  const path = pathOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(subject, path, key))
  }
  if (isMissing(subject, issue)) return [missingKey(subject, path)]
  return [{ path, aim: 'value', ...refusal(subject, issue, path) }]
}

function unknownKey({ schema, value }: Subject, path: Path, key: string): Complaint {
  const valid = keysOf(schemaAt(schema, path, value))
  const close = nearest(key, valid)
  const elsewhere = placesOfKey(schema, key)
  return {
    path: [...path, key],
    aim: 'key',
    message: `unknown key "${key}"`,
    suggestion: close === undefined ? placeOrList(elsewhere, valid) : `did you mean "${close}"?`,
    unknown: true,
  }
}

function placeOrList(elsewhere: readonly string[], valid: readonly string[]): string {
  const list = `valid here: ${valid.join(', ')}`
  return elsewhere.length === 0 ? list : `it belongs at ${elsewhere.join(' or ')}; ${list}`
}

function missingKey({ schema, value }: Subject, path: Path): Complaint {
  const parent = schemaAt(schema, path.slice(0, -1), value)
  const key = path.at(-1) ?? ''
  const { description, example } = metaOf(parent && childOf(parent, key))
  const shape = typeof example === 'string' ? `${key}: ${example}` : `${key}: ...`
  return {
    path,
    aim: 'key',
    message: `missing required key "${key}"`,
    suggestion:
      typeof description === 'string' ? `add "${shape}" (${description})` : `add "${shape}"`,
  }
}

type Said = Pick<Complaint, 'message' | 'suggestion'>

function refusal({ schema, value }: Subject, issue: Issue, path: Path): Said {
  const found = path.reduce(valueIn, value)
  if (issue.code === 'invalid_type') {
    return {
      message: `expected ${nameOf(issue.expected)}`,
      suggestion: typeSuggestion(issue, found),
    }
  }
  if (issue.code === 'invalid_value') return notListed(issue.values.map(String), found)
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    return { message: outOfBounds(issue), suggestion: null }
  }
  if (issue.code === 'invalid_format') return { message: badFormat(issue), suggestion: null }
  const { unit, example } = metaOf(wrapperAt(schema, path, value))
  if (issue.code === 'invalid_union' && typeof unit === 'string') {
    return {
      message: `expected ${unit} with a unit, for example ${String(example)}`,
      suggestion: null,
    }
  }
  return { message: issue.message, suggestion: unitSuggestion(found, example) }
}

/** A bare number where a unit is needed: shows it with the unit of the example. */
function unitSuggestion(found: unknown, example: unknown): string | null {
  if (typeof example !== 'string' || !/^\s*\d+(\.\d+)?\s*$/.test(String(found))) return null
  const unit = example.replace(/^[\d.]+/, '')
  return `did you mean "${String(found).trim()}${unit}"?`
}

function notListed(values: readonly string[], found: unknown): Said {
  const close = nearest(String(found), values)
  const list = values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`
  return {
    message: `expected ${list}`,
    suggestion: close === undefined ? null : `did you mean "${close}"?`,
  }
}

function outOfBounds(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === 'too_small'
  const bound = small ? issue.minimum : issue.maximum
  if (issue.origin === 'string' || issue.origin === 'array') {
    const thing = issue.origin === 'string' ? 'character' : 'item'
    return `needs ${small ? 'at least' : 'at most'} ${bound} ${thing}${bound === 1 ? '' : 's'}`
  }
  if (issue.inclusive === false) return `must be ${small ? 'above' : 'below'} ${bound}`
  return `must be ${small ? 'at least' : 'at most'} ${bound}`
}

function badFormat(issue: z.core.$ZodIssueInvalidStringFormat): string {
  if (issue.format === 'url') return 'expected a URL, for example http://127.0.0.1:8000'
  if (issue.format === 'date') return 'expected a date, for example 2026-09-01'
  // A pattern with words of its own says what it allows; the bare default does not.
  return issue.message.startsWith('Invalid')
    ? `must match ${issue.pattern ?? issue.format}`
    : issue.message
}

/** What YAML read differs from what was meant: yes and no are text, digits are numbers. */
function typeSuggestion(issue: z.core.$ZodIssueInvalidType, found: unknown): string | null {
  if (issue.expected === 'string') return typeof found === 'number' ? 'put it in quotes' : null
  if (typeof found !== 'string') return null
  if (issue.expected === 'number') return /^\d+$/.test(found) ? 'leave the quotes out' : null
  if (issue.expected !== 'boolean') return null
  if (/^(yes|on|true)$/i.test(found)) return 'did you mean true?'
  return /^(no|off|false)$/i.test(found) ? 'did you mean false?' : null
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
}

const nameOf = (expected: string) => names[expected] ?? expected

/** The schema at a path with its wrappers, which carry unit and example. */
function wrapperAt(schema: z.ZodType, path: Path, value: unknown): z.core.$ZodType | undefined {
  const parent = schemaAt(schema, path.slice(0, -1), value)
  const last = path.at(-1)
  return parent === undefined || last === undefined ? undefined : childOf(unwrap(parent), last)
}

function isMissing({ value }: Subject, issue: Issue): boolean {
  const inObject = typeof issue.path.at(-1) === 'string'
  return inObject && pathOf(issue.path).reduce(valueIn, value) === undefined
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment))
}
