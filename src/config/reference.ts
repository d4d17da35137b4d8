// The reference page, made from the schema that checks the file: it cannot say anything else than the program does.
import { z } from 'zod'
import { configSchema } from './schema.ts'

/** The configuration reference in Markdown: one section an object, one row a key. */
export function configReference(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', override: keepListDefault })
  return `${[preface, ...sections(schema, '')].join('\n\n')}\n`
}

/** Rows of a settings table for any schema, those of objects within it named by their path, e.g. `ask.url`. */
export function settingRows(settings: z.ZodType): readonly string[] {
  return rowsBelow(z.toJSONSchema(settings, { io: 'input', override: keepListDefault }), '')
}

function rowsBelow(schema: Schema, prefix: string): string[] {
  const required = schema.required?.map((key) => `${prefix}${key}`) ?? []
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const property = objectOf(value)
    const name = `${prefix}${key}`
    const parent = { schema: { required }, path: '' }
    if (property.properties === undefined) return [row(name, property, parent)]
    const { properties: _, ...section } = property
    const own = row(name, section, parent).replace('mapping of names to anything', 'settings below')
    return [own, ...rowsBelow(property, `${name}.`)]
  })
}

type Schema = z.core.JSONSchema.BaseSchema

/** zod leaves out defaults of what it transforms, since they are values of its output; an empty list is one either way. */
function keepListDefault(context: {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: Schema
}): void {
  const { zodSchema, jsonSchema } = context
  if (zodSchema instanceof z.ZodDefault && Array.isArray(zodSchema.def.defaultValue)) {
    jsonSchema.default = zodSchema.def.defaultValue
  }
}

const preface = `<!-- Generated from the schema in src/config. Do not edit. -->

# Configuration reference

One YAML file. \`equipoise check\` explains every error in it with line and column, \`equipoise init\` writes a commented starter.

- **Variables**: \`\${NAME}\` in a value is replaced by the environment variable, \`\${NAME:-default}\` falls back when it is unset or empty, \`$\${\` is a literal \`\${\`. An unset variable without a default is an error. Within \`[ ]\` and \`{ }\` put it in quotes.
- **Units**: durations \`ms s m h d\`, sizes \`B KiB MiB GiB TiB KB MB GB TB\`, shares \`5%\` or \`0.05\`, prices \`$/h\`, amounts \`$\`. A bare number is refused where a unit is needed; only shares go without.
- **Secrets**: write tokens, keys and passwords as variables. Messages never show them.
- **Reuse**: YAML anchors, aliases and merge keys (\`<<: *name\`) work.`

/** Sections of an object and of all objects below it. */
function sections(schema: Schema, path: string): string[] {
  const properties = Object.entries(schema.properties ?? {}).map(
    ([key, property]) => [key, objectOf(property)] as const,
  )
  const rows = properties.map(([key, property]) => row(key, property, { schema, path }))
  const own = [
    `## ${path === '' ? 'Top level' : `\`${path}\``}`,
    ...(schema.description === undefined ? [] : [schema.description]),
    ['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ]
  const below = properties.flatMap(([key, property]) => {
    const inner = innerObject(property)
    return inner === undefined ? [] : sections(inner, innerPath(path, key, property))
  })
  return [own.join('\n\n'), ...below]
}

function row(
  key: string,
  property: Schema,
  parent: { readonly schema: Schema; readonly path: string },
): string {
  const required = parent.schema.required?.includes(key) === true
  const type = typeText(property, innerPath(parent.path, key, property))
  const fallback = required ? '**required**' : defaultText(property)
  const cells = [`\`${key}\``, type, fallback, property.description ?? '']
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function defaultText(property: Schema): string {
  if (property.default === undefined) return 'none'
  // A section with all defaults says more in its own table.
  if (property.properties !== undefined) return ''
  return `\`${JSON.stringify(property.default).replaceAll(/^"(.+)"$/g, '$1')}\``
}

/** Type of a value with its unit, bounds and an example. */
function typeText(schema: Schema, path: string): string {
  const { unit, example } = schema
  if (typeof unit === 'string') {
    return `${unit.replace(/^an? /, '')}, e.g. \`${String(example)}\``
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.type === 'array') return listText(schema, path)
  if (schema.type === 'object') return objectText(schema, path)
  if (schema.type === 'string') return stringText(schema)
  if (schema.type === 'boolean') return 'true or false'
  if (schema.type === 'integer') return `whole number${bounds(schema)}`
  return schema.type === 'number' ? `number${bounds(schema)}` : 'anything'
}

function listText(schema: Schema, path: string): string {
  const least = schema.minItems === undefined ? '' : `, at least ${schema.minItems}`
  return `list of ${typeText(itemsOf(schema), path)}${least}`
}

function objectText(schema: Schema, path: string): string {
  if (schema.properties !== undefined) return `[${path}](#${slug(path)})`
  const values = objectOf(schema.additionalProperties)
  return `mapping of names to ${typeText(values, path)}`
}

function stringText(schema: Schema): string {
  if (schema.format === 'uri') return 'URL'
  if (schema.format === 'date') return 'date, e.g. `2026-09-01`'
  if (schema.pattern !== undefined) return `text matching \`${schema.pattern}\``
  return (schema.minLength ?? 0) > 1 ? `text of at least ${schema.minLength} characters` : 'text'
}

function bounds(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum } = schema
  // The largest safe integer is every integer's bound and says nothing.
  const upper = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (minimum !== undefined && upper !== undefined) return `, ${minimum} to ${upper}`
  if (minimum !== undefined) return `, at least ${minimum}`
  if (exclusiveMinimum !== undefined) return `, above ${exclusiveMinimum}`
  return upper === undefined ? '' : `, at most ${upper}`
}

function innerPath(path: string, key: string, property: Schema): string {
  const name = path === '' ? key : `${path}.${key}`
  return property.type === 'array' ? `${name}[]` : name
}

/** The object schema that a property is or holds, which gets a section of its own. */
function innerObject(property: Schema): Schema | undefined {
  const candidate = property.type === 'array' ? itemsOf(property) : property
  return candidate.properties === undefined ? undefined : candidate
}

function itemsOf(schema: Schema): Schema {
  return Array.isArray(schema.items) ? {} : objectOf(schema.items)
}

/** JSON Schema allows `true` for "anything". */
function objectOf(schema: unknown): Schema {
  return isSchema(schema) ? schema : {}
}

/** Every schema of a JSON Schema document that is no boolean is an object of this shape. */
function isSchema(schema: unknown): schema is Schema {
  return typeof schema === 'object' && schema !== null
}

/** Heading anchors as GitHub makes them. */
function slug(path: string): string {
  return path.toLowerCase().replaceAll(/[^\w-]/g, '')
}
