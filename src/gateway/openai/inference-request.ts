import { z } from 'zod'
import type { CallOperation } from '../../records/call.ts'
import type { Refusal } from './refusal.ts'
import { invalidRequest } from './refusal.ts'
import type { ByteRange } from './top-level-fields.ts'
import { topLevelFields } from './top-level-fields.ts'

/** What the gateway needs to know of a request; everything else in the body is the engine's business. */
export interface InferenceRequest {
  readonly operation: CallOperation
  readonly model: string
  readonly streaming: boolean
  /** Answers asked for (`n`): a stream is complete when each has finished. */
  readonly choices: number
  /** Whether the client itself asked for a usage event at the end of the stream. */
  readonly wantsUsage: boolean
  readonly metadata: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly fields: ReadonlyMap<string, ByteRange>
}

/** Larger bodies are not parsed but scanned for the few fields that matter. */
const parseLimitBytes = 2 ** 20

const wanted = ['model', 'stream', 'stream_options', 'n', 'metadata'] as const

const fieldsSchema = z.object({
  model: z.string().min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.unknown() }).nullish().catch(null),
  n: z.number().int().min(1).max(1024).nullish().catch(1),
  metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
})

/** Reads the body of a chat, completion or embedding request. */
export function parseInferenceRequest(
  body: Buffer,
  operation: CallOperation,
): InferenceRequest | Refusal {
  const fields = topLevelFields(body)
  const values = fields === null ? null : readFields(body, fields)
  if (fields === null || values === null) {
    return invalidRequest('The request body is not a valid JSON object.', null)
  }
  const parsed = fieldsSchema.safeParse(values)
  if (!parsed.success) {
    const parameter = String(parsed.error.issues[0]?.path[0] ?? 'model')
    return invalidRequest(explain(parameter, values[parameter]), parameter)
  }
  const streaming = parsed.data.stream === true && operation !== 'embedding'
  return {
    operation,
    model: parsed.data.model,
    streaming,
    choices: parsed.data.n ?? 1,
    wantsUsage: parsed.data.stream_options?.include_usage === true,
    metadata: stringsOf(parsed.data.metadata ?? {}),
    body,
    fields,
  }
}

function explain(parameter: string, value: unknown): string {
  if (parameter === 'model' && value === undefined) {
    return 'You must provide a model parameter: the name of one of the models of GET /v1/models.'
  }
  const expected = parameter === 'stream' ? 'true or false' : 'a non-empty string'
  return `${JSON.stringify(value)?.slice(0, 100)} is not usable as '${parameter}': expected ${expected}.`
}

function readFields(
  body: Buffer,
  fields: ReadonlyMap<string, ByteRange>,
): Readonly<Record<string, unknown>> | null {
  try {
    if (body.length <= parseLimitBytes) {
      // The scan has shown that it is an object.
      const values: Readonly<Record<string, unknown>> = JSON.parse(body.toString())
      return values
    }
    const values: Record<string, unknown> = {}
    for (const name of wanted) {
      const range = fields.get(name)
      if (range !== undefined) values[name] = JSON.parse(textOf(body, range))
    }
    return values
  } catch {
    return null
  }
}

/** The text of a field's value as the client wrote it. */
export function textOf(body: Buffer, range: ByteRange): string {
  return body.toString('utf8', range.start, range.end)
}

const maxEntries = 16
const maxKeyLength = 64
const maxValueLength = 16_384

/** OpenAI's own bounds (16 pairs, keys of 64), values longer than theirs because evaluators read contexts here. */
function stringsOf(metadata: Readonly<Record<string, unknown>>): Record<string, string> {
  const pairs = Object.entries(metadata)
    .filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    .slice(0, maxEntries)
    .map(([key, value]) => [key.slice(0, maxKeyLength), value.slice(0, maxValueLength)] as const)
  return Object.fromEntries(pairs)
}
