import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { messageOf } from '../../records/failure.ts'
import { codeVersion, defineEvaluator } from '../evaluator.ts'

export const jsonSchema = defineEvaluator({
  kind: 'json_schema',
  summary: 'Checks that the answer is JSON and fits a JSON Schema.',
  dimension: 'format',
  needsJudge: false,
  example: {
    config: { schema: { type: 'object', required: ['city'] } },
    prompt: 'Give the capital of Peru as JSON.',
    answer: '{"town": "Lima"}',
    label: 'invalid',
    value: 0,
  },
  config: z.strictObject({
    schema: z
      .record(z.string(), z.unknown())
      .default({})
      .transform(compile)
      .describe('JSON Schema (2020-12) of the answer; empty accepts any JSON.'),
    fenced: z
      .boolean()
      .default(true)
      .describe('Accept an answer that wraps its JSON in one Markdown code block.'),
  }),
  version: ({ schema, fenced }) => codeVersion('json_schema', 1, { schema: schema.source, fenced }),
  async evaluate({ answer }, { schema, fenced }) {
    const parsed = parse(fenced ? unfenced(answer) : answer)
    if ('fault' in parsed) {
      const reason = `not JSON: ${parsed.fault}`
      return { outcome: 'scored', value: 0, label: 'not_json', reason }
    }
    if (schema.validate(parsed.value)) {
      return { outcome: 'scored', value: 1, label: 'valid', reason: 'the answer fits the schema' }
    }
    const [error] = schema.validate.errors ?? []
    const reason = `${error?.instancePath || 'the answer'} ${error?.message ?? 'does not fit'}`
    return { outcome: 'scored', value: 0, label: 'invalid', reason }
  },
})

interface Compiled {
  readonly source: Record<string, unknown>
  readonly validate: ValidateFunction
}

function compile(source: Record<string, unknown>, context: z.RefinementCtx): Compiled {
  try {
    // Formats are notes in 2020-12, so they are not checked; unknown keywords are mistakes.
    const ajv = new Ajv2020({ validateFormats: false })
    return { source, validate: ajv.compile(source) }
  } catch (error) {
    context.addIssue({ code: 'custom', message: `no JSON Schema: ${messageOf(error)}` })
    return z.NEVER
  }
}

function unfenced(answer: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(answer)?.[1] ?? answer
}

function parse(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { fault: messageOf(error).slice(0, 120) }
  }
}
