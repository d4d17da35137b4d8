// What attributes say, whichever generation of names they use: the first name that holds a value counts.
import type { AnyValue, Attributes } from './wire/any-value.ts'

type Names = readonly string[]

/** A non-empty text; numbers and flags as text; empty when no name has one. */
export function textOf(attributes: Attributes, names: Names): string {
  for (const name of names) {
    const text = asText(attributes.get(name))
    if (text !== '') return text
  }
  return ''
}

/** A finite number, also one written as text; `null` when no name has one. */
export function numberOf(attributes: Attributes, names: Names): number | null {
  for (const name of names) {
    const value = attributes.get(name)
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number === 'number' && Number.isFinite(number)) return number
  }
  return null
}

/** A whole number from 0 to what the store's column holds; `null` when no name has one. */
export function countOf(attributes: Attributes, names: Names): number | null {
  const number = numberOf(attributes, names)
  return number === null || number < 0 || number > 0xffff_ffff ? null : Math.round(number)
}

/** `null` when no name has a flag. */
export function flagOf(attributes: Attributes, names: Names): boolean | null {
  for (const name of names) {
    const value = attributes.get(name)
    if (typeof value === 'boolean') return value
    if (value === 'true' || value === 'false') return value === 'true'
  }
  return null
}

/** The first value that is there at all. */
export function valueOf(attributes: Attributes, names: Names): AnyValue {
  return names.map((name) => attributes.get(name)).find((value) => value !== undefined) ?? null
}

/** Structured values come as such or as JSON text; text that is no JSON stays text. */
export function structureOf(value: AnyValue): AnyValue {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    const parsed: AnyValue = JSON.parse(value)
    return parsed
  } catch {
    return value
  }
}

export function isMap(value: AnyValue | undefined): value is Readonly<Record<string, AnyValue>> {
  return typeof value === 'object' && value !== null && !isList(value)
}

export function isList(value: AnyValue | undefined): value is readonly AnyValue[] {
  return Array.isArray(value)
}

/** A value as text: structured ones as JSON, nothing as empty. */
export function asText(value: AnyValue | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    // JSON within a text may be nested deeper than can be written again.
    return ''
  }
}
