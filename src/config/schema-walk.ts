// Finds the schema that governs a path, to say what is valid there.
import { z } from 'zod'
import type { Path } from './secrets.ts'

type Schema = z.core.$ZodType

/** The schema below optional, default and transforming wrappers. */
export function unwrap(schema: Schema): Schema {
  let current = schema
  for (;;) {
    const inner = innerOf(current)
    if (inner === undefined) return current
    current = inner
  }
}

/** The schema that governs a path; a tagged union is followed by the tag of `value`, the whole configuration as written. */
export function schemaAt(schema: Schema, path: Path, value: unknown): Schema | undefined {
  let current = chosen(unwrap(schema), value)
  let here = value
  for (const segment of path) {
    const next = childOf(current, segment)
    if (next === undefined) return undefined
    here = valueIn(here, segment)
    current = chosen(unwrap(next), here)
  }
  return current
}

/** Keys that are valid in an object; empty for anything else. */
export function keysOf(schema: Schema | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** Description, unit and example of the value at `key` of an object schema. */
export function metaOf(schema: Schema | undefined): Readonly<Record<string, unknown>> {
  let meta: Record<string, unknown> = {}
  for (let current = schema; current !== undefined; current = innerOf(current)) {
    meta = { ...z.globalRegistry.get(current), ...meta }
  }
  return meta
}

/** Schema of one key or item, still in its wrappers. */
export function childOf(schema: Schema, segment: string | number): Schema | undefined {
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<string, Schema>> = schema.shape
    return Object.hasOwn(shape, segment) ? shape[segment] : undefined
  }
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  return undefined
}

/** Each place where a key is valid, as a path such as `fleet.components[].concurrency`. */
export function placesOfKey(schema: Schema, key: string, prefix = ''): string[] {
  const current = unwrap(schema)
  if (current instanceof z.ZodArray) return placesOfKey(current.element, key, `${prefix}[]`)
  return keysOf(current).flatMap((name) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const child = childOf(current, name)
    const below = child === undefined ? [] : placesOfKey(child, key, path)
    return name === key ? [path, ...below] : below
  })
}

function innerOf(schema: Schema): Schema | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodCatch ||
    schema instanceof z.ZodReadonly
  ) {
    return schema.def.innerType
  }
  return schema instanceof z.ZodPipe ? schema.def.in : undefined
}

/** The member of a tagged union whose tag is the value's; other schemas are themselves. */
function chosen(schema: Schema, value: unknown): Schema {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema
  const { discriminator, options } = schema.def
  const tag = valueIn(value, discriminator)
  const match = options
    .map(unwrap)
    .find((option) => option instanceof z.ZodObject && accepts(option.shape[discriminator], tag))
  return match ?? schema
}

function accepts(schema: unknown, value: unknown): boolean {
  return schema instanceof z.ZodType && schema.safeParse(value).success
}

/** The value at one key or index, `undefined` when it is not there. */
export function valueIn(value: unknown, segment: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment))
    return undefined
  return Object.entries(value).find(([key]) => key === String(segment))?.[1]
}
