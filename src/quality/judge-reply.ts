// What the judge sends back: an OpenAI chat completion whose content is one strict JSON verdict.
import { z } from 'zod'
import type { JudgeConfig } from '../config/schema.ts'
import { messageOf } from '../records/failure.ts'

/** A verdict, or why the reply is none. */
export type ReadReply =
  | { readonly kind: 'verdict'; readonly label: string; readonly reason: string }
  | { readonly kind: 'nonsense'; readonly reason: string }

export interface JudgeUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** Reads the body of a successful reply. Anything but the asked-for object is `nonsense`, never a guess. */
export function readReply(
  body: string,
  labels: readonly string[],
): ReadReply & { readonly usage: JudgeUsage | null; readonly model: string | null } {
  const completion = parseJson(completionSchema, body)
  if (typeof completion === 'string') {
    return {
      kind: 'nonsense',
      reason: `no chat completion: ${completion}`,
      usage: null,
      model: null,
    }
  }
  const usage = usageOf(completion)
  const model = completion.model?.slice(0, longestModelName) ?? null
  const [choice] = completion.choices
  if (choice?.finish_reason === 'length') {
    return { kind: 'nonsense', reason: 'the verdict was cut off by the token limit', usage, model }
  }
  const content = choice?.message.content ?? ''
  const verdict = parseJson(verdictSchema(labels), content)
  if (typeof verdict === 'string') {
    return { kind: 'nonsense', reason: `${verdict} in ${quoted(content)}`, usage, model }
  }
  return {
    kind: 'verdict',
    label: verdict.label,
    reason: verdict.reason.slice(0, 500),
    usage,
    model,
  }
}

/** OpenAI's `response_format` that holds a server to the verdict's shape. */
export function responseFormat(labels: readonly string[]): object {
  return {
    type: 'json_schema',
    json_schema: {
      name: 'verdict',
      strict: true,
      schema: {
        type: 'object',
        // Reason before label: the label then follows from the evidence, not the other way round.
        properties: {
          reason: { type: 'string', description: 'One sentence with the decisive evidence.' },
          label: { type: 'string', enum: labels },
        },
        required: ['reason', 'label'],
        additionalProperties: false,
      },
    },
  }
}

/** US dollars for a request at the configured prices. */
export function costOf(usage: JudgeUsage, config: JudgeConfig): number {
  return (
    (usage.inputTokens * config.inputUsdPerMillion +
      usage.outputTokens * config.outputUsdPerMillion) /
    1e6
  )
}

/** Tokens by the rule of four characters each, where a server does not say. */
export function roughTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** The name goes into versions, whatever a server sends. */
const longestModelName = 100

const completionSchema = z.looseObject({
  model: z.string().nullish(),
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
})

const verdictSchema = (labels: readonly string[]) =>
  z.strictObject({ label: z.enum(labels), reason: z.string().trim().min(1) })

function usageOf(completion: z.infer<typeof completionSchema>): JudgeUsage | null {
  const { usage } = completion
  if (usage === null || usage === undefined) return null
  return { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }
}

/** The parsed value, or one line that says what is wrong. */
function parseJson<Value extends object>(schema: z.ZodType<Value>, text: string): Value | string {
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`.replace(/^: /, '')
  } catch (error) {
    return messageOf(error)
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
}
