// Puts the values of environment variables into the document's texts, before the schema sees them.
import { Scalar } from 'yaml'
import { z } from 'zod'
import type { ConfigProblem } from './config-problem.ts'
import {
  type ConfigSource,
  plainValue,
  type PlacedScalar,
  problemAtRange,
} from './config-source.ts'
import { type Environment, interpolate, type InterpolationFault } from './interpolate.ts'
import { nearest } from './nearest.ts'
import { schemaAt } from './schema-walk.ts'
import type { Path, Range } from './secrets.ts'

export interface Filled {
  readonly problems: readonly ConfigProblem[]
  /** Paths whose value could not be made; what follows from that is not reported again. */
  readonly faulty: readonly Path[]
  readonly variables: readonly string[]
}

/** Interpolates each text of the document in place; reports what is unset or malformed. */
export function fillVariables(source: ConfigSource, env: Environment, schema: z.ZodType): Filled {
  const raw = plainValue(source)
  const results = source.scalars.flatMap((placed) => {
    const { value } = placed.scalar
    if (typeof value !== 'string' || !value.includes('${')) return []
    return [{ placed, ...interpolate(value, env) }]
  })
  for (const { placed, text } of results) {
    placed.scalar.value = retyped(placed, text, schemaAt(schema, placed.path, raw))
  }
  return {
    problems: results.flatMap(({ placed, faults }) =>
      faults.map((fault) => problemOf(source, placed, { fault, env })),
    ),
    faulty: results.filter(({ faults }) => faults.length > 0).map(({ placed }) => placed.path),
    variables: [...new Set(results.flatMap(({ variables }) => variables))],
  }
}

/** A variable is text; where the schema wants a number or a boolean, or YAML would have read one, it becomes that. */
function retyped(
  { scalar }: PlacedScalar,
  text: string,
  schema: z.core.$ZodType | undefined,
): unknown {
  const free = (schema === undefined || schema instanceof z.ZodUnknown) && isPlain(scalar)
  const number = schema instanceof z.ZodNumber || free
  const flag = schema instanceof z.ZodBoolean || free
  if (number && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text)
  if (flag && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

const isPlain = (scalar: Scalar) => scalar.type === Scalar.PLAIN

function problemOf(
  source: ConfigSource,
  placed: PlacedScalar,
  { fault, env }: { readonly fault: InterpolationFault; readonly env: Environment },
): ConfigProblem {
  const at = source.text.slice(...placed.range).indexOf(fault.written)
  const start = placed.range[0] + Math.max(0, at)
  const range: Range = [start, start + fault.written.length]
  if (fault.kind === 'malformed') {
    return problemAtRange(source, range, {
      path: placed.path,
      value: null,
      message: 'this is no variable',
      suggestion: 'write ${NAME} or ${NAME:-default}, and $${ for a literal ${',
    })
  }
  const close = nearest(fault.name, Object.keys(env))
  return problemAtRange(source, range, {
    path: placed.path,
    value: fault.written,
    message: `environment variable ${fault.name} is not set`,
    suggestion:
      close === undefined
        ? `set it, or give a default: \${${fault.name}:-value}`
        : `did you mean ${close}?`,
  })
}
