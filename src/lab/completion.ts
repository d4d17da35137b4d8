import { z } from 'zod'

/** What a chat completion, or one chunk of a stream, says; `null` and empty where it says nothing. */
export interface ParsedCompletion {
  readonly text: string | null
  readonly finishReason: string
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  readonly error: string
}

export const emptyCompletion: ParsedCompletion = {
  text: null,
  finishReason: '',
  promptTokens: null,
  completionTokens: null,
  error: '',
}

const content = z.looseObject({ content: z.string().nullish() }).optional()

const body = z.looseObject({
  choices: z
    .array(z.looseObject({ message: content, delta: content, finish_reason: z.string().nullish() }))
    .optional(),
  usage: z
    .looseObject({ prompt_tokens: z.number(), completion_tokens: z.number().optional() })
    .nullish(),
  error: z.looseObject({ message: z.string().optional() }).nullish(),
})

/** Reads a JSON body or chunk; throws when it is neither. */
export function parseCompletion(json: string): ParsedCompletion {
  const { choices, usage, error } = body.parse(JSON.parse(json))
  const choice = choices?.[0]
  return {
    text: textOf(choice?.message) ?? textOf(choice?.delta),
    finishReason: choice?.finish_reason ?? '',
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
    error: errorText(error),
  }
}

function errorText(error: z.infer<typeof body>['error']): string {
  return error ? (error.message ?? 'an error without message') : ''
}

/** An answer without content (max_tokens 0) is an empty text, not no answer. */
function textOf(part: z.infer<typeof content>): string | null {
  return part === undefined ? null : (part.content ?? '')
}
